/** The rows of a log that are in view: of fixed height, and reused while it scrolls. */

import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { flushSync } from "react-dom";
import { t } from "../i18n";
import { LineView } from "./line-view";
import type { LineStore } from "./lines";
import { isWithin, type Range } from "./place";
import { type Times, timeText } from "./times";

const ROW_PX = 20;
/** Rows beyond the edge, above and below. */
const MARGIN = 10;
/** Rows are drawn anew once this many were passed. */
const STEP = 10;
/** Browsers cut what is higher (at about 17 million); a longer log is scrolled through faster. */
const MOST_PX = 15_000_000;

export type WindowHandle = {
  goTo: (line: number, place?: "center" | "end") => void;
  /** Moves no more than is needed to have the line in view. */
  show: (line: number) => void;
  focus: () => void;
};

type Props = {
  ref: Ref<WindowHandle>;
  store: LineStore;
  total: number;
  find: RegExp | null;
  times: Times;
  /** When the execution began. */
  start: string | undefined;
  range: Range | null;
  isLive: boolean;
  onPick: (line: number, extend: boolean) => void;
  onOpen: (line: number) => void;
  /** Called when a person scrolls towards the beginning. */
  onBack: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
};

export function LogWindow({ ref, store, total, range, isLive, onBack, ...rest }: Props) {
  const { find, times, start, onPick, onOpen, onKeyDown } = rest;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState(600);
  const [top, setTop] = useState(0);
  useSyncExternalStore(store.subscribe, () => store.version);
  const whole = total * ROW_PX;
  const height = Math.min(whole, MOST_PX);
  const scale = height < whole ? (whole - view) / (height - view) : 1;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setView(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useImperativeHandle(ref, () => ({
    goTo: (line, place = "center") => {
      const spare = view - ROW_PX;
      const wanted = line * ROW_PX - (place === "center" ? spare / 2 : spare);
      scroller.current?.scrollTo({ top: wanted / scale });
    },
    show: (line) => {
      const now = (scroller.current?.scrollTop ?? 0) * scale;
      const [low, high] = [line * ROW_PX, (line + 1) * ROW_PX - view];
      if (now > low) scroller.current?.scrollTo({ top: low / scale });
      else if (now < high) scroller.current?.scrollTo({ top: high / scale });
    },
    focus: () => scroller.current?.focus(),
  }));

  const offset = top * scale;
  const first = Math.max(0, Math.floor(offset / ROW_PX) - MARGIN);
  const inView = Math.ceil(view / ROW_PX) + STEP + 2 * MARGIN;
  const end = Math.min(total, first + inView);
  useEffect(() => {
    if (end > first) store.show(first, end - 1);
  }, [first, end, store]);
  const last = useRef({ now: 0, height });
  const onScroll = () => {
    const now = scroller.current?.scrollTop ?? 0;
    // fewer lines move the view back too; that is nobody's scrolling
    if (now < last.current.now && height >= last.current.height) onBack();
    last.current = { now, height };
    const next = scale === 1 ? now - (now % (STEP * ROW_PX)) : now;
    if (next !== top) flushSync(() => setTop(next)); // in this frame, or the edge shows white
  };
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, n) => first + n);
  return (
    <div
      className="log"
      ref={scroller}
      role="feed"
      aria-label={t("logs.lines")}
      aria-busy={false}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls takes the keys
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div style={{ height }}>
        {rows.map((index) => {
          const line = store.at(index);
          return (
            <LineView
              key={index % inView}
              number={index}
              top={index * ROW_PX - offset + top}
              line={line}
              time={line ? timeText(times, line, start, store.at(index - 1)) : ""}
              find={find}
              isMarked={isWithin(range, index)}
              count={isLive ? -1 : total}
              onPick={onPick}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}
