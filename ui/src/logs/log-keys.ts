/** The keys of the log viewer: some anywhere on its page, the others where the lines have the focus. */

import { type KeyboardEvent as Pressed, useEffect, useRef } from "react";
import { isTyping, lettersAct } from "../design/keys";
import type { Range } from "./place";

type Acts = {
  isLive: boolean;
  total: number;
  range: Range | null;
  onFollow: () => void;
  onError: (by: 1 | -1) => void;
  onSearch: () => void;
  onRange: (range: Range) => void;
  onOpen: () => void;
  onClear: () => void;
};

/** What to do at a key while the lines have the focus; `f`, `e` and `E` work from anywhere. */
export function useLogKeys(acts: Acts): (event: Pressed) => void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { isLive, onFollow, onError } = latest.current;
      if (isTyping(event) || !lettersAct()) return;
      if (event.key === "f" && isLive) onFollow();
      if (event.key === "e") onError(1);
      if (event.key === "E") onError(-1);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (event) => {
    if (withControl(event, latest.current) || alone(event, latest.current)) event.preventDefault();
  };
}

function withControl(event: Pressed, { total, onSearch, onRange }: Acts): boolean {
  if (!event.ctrlKey && !event.metaKey) return false;
  if (event.key === "f") onSearch();
  else if (event.key === "a" && total > 0) onRange({ from: 0, to: total - 1 });
  else return false;
  return true;
}

function alone(event: Pressed, acts: Acts): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  return (lettersAct() && byLetter(event, acts)) || byKey(event, acts);
}

function byLetter(event: Pressed, { total, range, onSearch, onRange }: Acts): boolean {
  const by = { j: 1, J: 1, k: -1, K: -1 }[event.key];
  if (by && total > 0) {
    const to = range ? Math.max(0, Math.min(total - 1, range.to + by)) : 0;
    onRange({ from: range && event.shiftKey ? range.from : to, to });
  } else if (event.key === "/") onSearch();
  else return false;
  return true;
}

function byKey(event: Pressed, { range, onOpen, onClear }: Acts): boolean {
  if (event.key === "Enter" && range && event.target === event.currentTarget) onOpen();
  else if (event.key === "Escape" && range) onClear();
  else return false;
  return true;
}
