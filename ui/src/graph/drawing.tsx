/** The drawn picture: lines in one layer, and of the boxes those that are in view. */

import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { t } from "../i18n";
import { BoxView, GroupView } from "./boxes";
import type { Direction, Layout, Placed } from "./layout";
import type { Box, Picture } from "./model";
import { useDragging, useView } from "./use-view";
import { stepFrom, stepOf } from "./walk";

/** Below it boxes are too small for words. */
const READABLE = 0.45;

export type DrawingHandle = {
  /** Brings a box into view, and the focus to it; waits until it is there. */
  show: (uid: string) => void;
  fitting: () => number | undefined;
};

type Props = {
  ref?: Ref<DrawingHandle>;
  picture: Picture;
  layout: Layout;
  direction: Direction;
  scale: number;
  onZoom: (factor: number) => void;
  onOpen?: (box: Box) => void;
  onFold: (uid: string) => void;
};

export function Drawing({ ref, picture, layout, direction, scale, onZoom, ...acts }: Props) {
  const scroller = useRef<HTMLElement>(null);
  const boxes = useMemo(() => new Map(picture.boxes.map((b) => [b.uid, b])), [picture]);
  const places = useMemo(() => new Map(layout.boxes.map((b) => [b.uid, b])), [layout]);
  const isInView = useView(scroller, scale);
  const setWanted = useWanted(scroller, places, scale);
  useDragging(scroller, onZoom);
  useImperativeHandle(ref, () => ({
    show: setWanted,
    fitting: () => fittingOf(scroller.current, layout),
  }));
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const uid = (event.target as HTMLElement).dataset.uid;
    const step = uid ? stepOf(event.key, direction) : undefined;
    if (!uid || !step) return;
    event.preventDefault();
    const next = stepFrom(picture, uid, step);
    if (next) setWanted(next);
  };
  const { width, height } = layout;
  const isFar = scale < READABLE;
  return (
    <section
      ref={scroller}
      className="graph"
      aria-label={t("graph.label")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div style={{ width: width * scale, height: height * scale }}>
        <div className="graph-plane" style={{ width, height, transform: `scale(${scale})` }}>
          {layout.boxes.map((place) => {
            const box = boxes.get(place.uid);
            if (!box?.isGroup || !isInView(place)) return null;
            return <GroupView key={place.uid} box={box} place={place} onFold={acts.onFold} />;
          })}
          <Lines layout={layout} />
          {layout.boxes.map((place) => {
            const box = boxes.get(place.uid);
            if (!box || box.isGroup || !isInView(place)) return null;
            return <BoxView key={place.uid} box={box} place={place} isFar={isFar} {...acts} />;
          })}
        </div>
      </div>
    </section>
  );
}

/** Drawn anew only with another layout. */
function Lines({ layout }: { layout: Layout }) {
  return useMemo(
    () => (
      <svg width={layout.width} height={layout.height} aria-hidden="true">
        {layout.routes.map(({ source, target, points }) => (
          <polyline
            key={`${source} ${target} ${points[0]?.x}`}
            points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
          />
        ))}
      </svg>
    ),
    [layout],
  );
}

function fittingOf(view: HTMLElement | null, { width, height }: Layout): number | undefined {
  if (!view || width === 0 || height === 0) return undefined;
  const room = Number.parseFloat(getComputedStyle(view).maxHeight) || view.clientHeight;
  return Math.min(1, view.clientWidth / width, room / height);
}

/** A box that is to have the focus, as soon as it has a place and is drawn. */
function useWanted(
  scroller: React.RefObject<HTMLElement | null>,
  places: ReadonlyMap<string, Placed>,
  scale: number,
) {
  const [wanted, setWanted] = useState<string | null>(null);
  const place = wanted === null ? undefined : places.get(wanted);
  useEffect(() => {
    const view = scroller.current;
    if (!place || !view) return;
    view.scrollTo({
      left: (place.x + place.width / 2) * scale - view.clientWidth / 2,
      top: (place.y + place.height / 2) * scale - view.clientHeight / 2,
    });
    const focus = () => {
      const box = view.querySelector<HTMLElement>(`[data-uid="${CSS.escape(place.uid)}"]`);
      box?.focus({ preventScroll: true });
      if (box) setWanted(null);
      return box !== null;
    };
    if (focus()) return;
    const drawn = new MutationObserver(() => focus() && drawn.disconnect());
    drawn.observe(view, { childList: true, subtree: true });
    return () => drawn.disconnect();
  }, [place, scale, scroller]);
  return setWanted;
}
