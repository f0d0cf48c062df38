/** The part of the axis in view: it stands in the address; `+`, `-`, `0` and the arrows change it. */

import { useEffect, useRef } from "react";
import { isTyping, lettersAct } from "../../design/keys";
import { useUrl } from "../../design/search";
import { moved, type Span, spanOf, spanText, WHOLE, zoomed } from "./gantt-scale";

const KEYS: Record<string, (span: Span) => Span> = {
  "+": (span) => zoomed(span, 0.5),
  "-": (span) => zoomed(span, 2),
  "0": () => WHOLE,
  ArrowLeft: (span) => moved(span, -0.25),
  ArrowRight: (span) => moved(span, 0.25),
};

export function useSpan() {
  const [search, changeUrl] = useUrl();
  const span = spanOf(search.span);
  const to = (next: Span) => changeUrl({ span: spanText(next) });
  const latest = useRef({ span, to });
  latest.current = { span, to };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const next = KEYS[event.key];
      if (!next || isTyping(event) || !lettersAct() || isScrolling(event)) return;
      event.preventDefault();
      latest.current.to(next(latest.current.span));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return { span, change: { to, by: (factor: number) => to(zoomed(span, factor)) } };
}

/** What scrolls sideways by itself, such as a log beneath a row, keeps the arrows. */
const isScrolling = ({ key, target }: KeyboardEvent) =>
  key.startsWith("Arrow") && target instanceof HTMLElement && target.closest(".run-details, nav");
