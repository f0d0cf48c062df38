/** The lines that are selected, as the address keeps them: `#L120` or `#L120-140`. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** Lines by their number from 0, both ends within; `from` may be the later one. */
export type Range = { from: number; to: number };

export function rangeOf(hash: string): Range | null {
  const found = /^#?L(\d{1,9})(?:-(\d{1,9}))?$/.exec(hash);
  if (!found) return null;
  const [from, to] = [Number(found[1]) - 1, Number(found[2] ?? found[1]) - 1];
  return from < 0 || to < 0 ? null : { from, to };
}

export const hashOf = ({ from, to }: Range): string =>
  from === to ? `L${from + 1}` : `L${from + 1}-${to + 1}`;

export const firstOf = ({ from, to }: Range): number => Math.min(from, to);
export const countOf = ({ from, to }: Range): number => Math.abs(to - from) + 1;

export const isWithin = (range: Range | null, line: number): boolean =>
  range !== null && line >= firstOf(range) && line < firstOf(range) + countOf(range);

/** The selection of the address, and how to change it. */
export function useRange(): [Range | null, (range: Range | null) => void] {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const change = useCallback(
    (range: Range | null) =>
      void navigate({
        to: ".",
        search: true as never,
        hash: range ? hashOf(range) : "",
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      }),
    [navigate],
  );
  return [useMemo(() => rangeOf(hash), [hash]), change];
}

/** Changes parameters of the address and leaves the lines that are selected; undefined removes one. */
export function useAdjust(): (changes: Record<string, string | undefined>) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes) =>
      void navigate({
        to: ".",
        search: ((old: object) => ({ ...old, ...changes })) as never,
        hash: true,
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      }),
    [navigate],
  );
}
