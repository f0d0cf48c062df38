/** The rows of a log that are in view: of fixed height, and reused while it scrolls. */

import {
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

const ROW_PX = 20;
/** Rows beyond the edge, above and below. */
const MARGIN = 10;
/** Rows are drawn anew once this many were passed. */
const STEP = 10;
/** Browsers cut what is higher (at about 17 million); a longer log is scrolled through faster. */
const MOST_PX = 15_000_000;

export type WindowHandle = { goTo: (line: number, place?: "center" | "end") => void };

type Props = {
  ref: Ref<WindowHandle>;
  store: LineStore;
  total: number;
  find: string;
  marked: number | null;
  onLink: (line: number) => void;
};

export function LogWindow({ ref, store, total, find, marked, onLink }: Props) {
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
  }));

  const offset = top * scale;
  const first = Math.max(0, Math.floor(offset / ROW_PX) - MARGIN);
  const inView = Math.ceil(view / ROW_PX) + STEP + 2 * MARGIN;
  const end = Math.min(total, first + inView);
  useEffect(() => {
    if (end > first) store.show(first, end - 1);
  }, [first, end, store]);
  const onScroll = () => {
    const now = scroller.current?.scrollTop ?? 0;
    const next = scale === 1 ? now - (now % (STEP * ROW_PX)) : now;
    if (next !== top) flushSync(() => setTop(next)); // in this frame, or the edge shows white
  };
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, n) => first + n);
  return (
    <div
      className="log"
      ref={scroller}
      role="log"
      aria-label={t("logs.title")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls takes the keys
      tabIndex={0}
      onScroll={onScroll}
    >
      <div style={{ height }}>
        {rows.map((index) => (
          <LineView
            key={index % inView}
            number={index}
            top={index * ROW_PX - offset + top}
            line={store.at(index)}
            find={find}
            isMarked={index === marked}
            onLink={onLink}
          />
        ))}
      </div>
    </div>
  );
}
