/** How large a picture is drawn: it stands in the address; `+`, `-` and `0` change it. */

import { useEffect, useRef } from "react";
import { isTyping, lettersAct } from "../design/keys";
import { useUrl } from "../design/search";

const SCALES = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2];
const LEAST = 0.05;
const MOST = 2;

/** `fitting` tells the scale at which all of the picture is in view. */
export function useZoom(fitting: () => number | undefined) {
  const [search, change] = useUrl();
  const scale = within(Number(search.zoom ?? "1") || 1);
  const to = (next: number) => {
    const rounded = Math.round(within(next) * 100) / 100;
    change({ zoom: rounded === 1 ? undefined : String(rounded) });
  };
  const acts = {
    scale,
    by: (factor: number) => to(scale * factor),
    step: (by: 1 | -1) => {
      const farther = SCALES.filter((one) => (by > 0 ? one > scale + 0.01 : one < scale - 0.01));
      to((by > 0 ? farther[0] : farther.at(-1)) ?? scale);
    },
    fit: () => to(fitting() ?? 1),
  };
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || !lettersAct()) return;
      if (event.key === "0") latest.current.fit();
      else if (event.key === "+") latest.current.step(1);
      else if (event.key === "-") latest.current.step(-1);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return acts;
}

const within = (scale: number) => Math.min(MOST, Math.max(LEAST, scale));
