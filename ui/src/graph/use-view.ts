/** What of a picture is in view, and moving it by hand: a drag moves it, Ctrl and the wheel zoom. */

import { type RefObject, useEffect, useState } from "react";
import type { Placed } from "./layout";

const CELL_PX = 300; // what is in view is told anew after so many pixels
const WHEEL = 0.002;

type View = { left: number; top: number; right: number; bottom: number };

const NOTHING: View = { left: 0, top: 0, right: 0, bottom: 0 };

/** In pixels of the screen, rounded outwards to whole cells and one cell more on each side. */
function viewOf(element: HTMLElement): View {
  const low = (at: number) => (Math.floor(at / CELL_PX) - 1) * CELL_PX;
  const high = (at: number) => (Math.ceil(at / CELL_PX) + 1) * CELL_PX;
  const { scrollLeft: x, scrollTop: y, clientWidth, clientHeight } = element;
  return {
    left: low(x),
    top: low(y),
    right: high(x + clientWidth),
    bottom: high(y + clientHeight),
  };
}

const isSame = (one: View, other: View) =>
  one.left === other.left &&
  one.top === other.top &&
  one.right === other.right &&
  one.bottom === other.bottom;

export function useView(scroller: RefObject<HTMLElement | null>, scale: number) {
  const [view, setView] = useState(NOTHING);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const next = viewOf(element);
      setView((before) => (isSame(before, next) ? before : next));
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      sizes.disconnect();
    };
  }, [scroller]);
  return ({ x, y, width, height }: Placed) =>
    (x + width) * scale >= view.left &&
    x * scale <= view.right &&
    (y + height) * scale >= view.top &&
    y * scale <= view.bottom;
}

export function useDragging(
  scroller: RefObject<HTMLElement | null>,
  onZoom: (factor: number) => void,
) {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      onZoom(Math.exp(-event.deltaY * WHEEL));
    };
    const onDown = (event: PointerEvent) => {
      const isBox = (event.target as HTMLElement).closest("button");
      if (event.button !== 0 || event.pointerType === "touch" || isBox) return;
      element.setPointerCapture(event.pointerId);
      element.dataset.dragging = "true";
    };
    const onMove = (event: PointerEvent) => {
      if (!element.dataset.dragging) return;
      element.scrollBy(-event.movementX, -event.movementY);
    };
    const onUp = () => delete element.dataset.dragging;
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
    };
  }, [scroller, onZoom]);
}
