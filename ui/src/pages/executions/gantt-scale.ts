/** Where a moment stands on the axis: idle gaps may be folded, a part may fill the whole width. */

import type { TaskRun } from "../../api/types";
import { segmentsOfRun } from "./gantt-rows";

export type Span = { from: number; to: number };
/** From moments (ms) to places between 0 and 1 of the whole axis, and back. */
export type Scale = { at: (moment: number) => number; back: (place: number) => number };

/** A gap longer than this part of the axis can be folded; folded it takes so much of it. */
export const LONG_GAP = 0.2;
const FOLDED = 0.02;

/** Where no task run of the lowest level was active for more than a fifth of the axis. */
export function gapsOf(runs: readonly TaskRun[], axis: Span): Span[] {
  const holders = new Set(runs.map((run) => run.parentTaskRunId));
  const busy = runs
    .filter(({ id }) => !holders.has(id))
    .flatMap((run) => segmentsOfRun(run, axis.to))
    .filter(({ kind }) => kind === "active")
    .sort((one, other) => one.from - other.from);
  const least = (axis.to - axis.from) * LONG_GAP;
  const gaps: Span[] = [];
  let at = axis.from;
  for (const { from, to } of [...busy, { from: axis.to, to: axis.to }]) {
    if (from - at > least) gaps.push({ from: at, to: from });
    at = Math.max(at, to);
  }
  return gaps;
}

/** A straight scale, but for the gaps, each of which takes a fiftieth. */
export function scaleOf(axis: Span, gaps: readonly Span[]): Scale {
  const idle = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const rest = 1 - FOLDED * gaps.length;
  const perMs = rest / Math.max(1, axis.to - axis.from - idle);
  const marks: { moment: number; place: number }[] = [{ moment: axis.from, place: 0 }];
  const mark = (moment: number, by: number) =>
    marks.push({ moment, place: (marks.at(-1)?.place ?? 0) + by });
  let last = axis.from;
  for (const { from, to } of gaps) {
    mark(from, (from - last) * perMs);
    mark(to, FOLDED);
    last = to;
  }
  mark(axis.to, (axis.to - last) * perMs);
  return {
    at: (moment) => between(marks, "moment", "place", moment),
    back: (place) => between(marks, "place", "moment", place),
  };
}

type Mark = { moment: number; place: number };

function between(marks: Mark[], given: keyof Mark, wanted: keyof Mark, value: number): number {
  for (let n = 1; n < marks.length; n++) {
    const left = marks[n - 1];
    const right = marks[n];
    if (!left || !right || (value > right[given] && n < marks.length - 1)) continue;
    const width = right[given] - left[given];
    const part = width > 0 ? (value - left[given]) / width : 0;
    return left[wanted] + Math.min(1, Math.max(0, part)) * (right[wanted] - left[wanted]);
  }
  return 0;
}

export const WHOLE: Span = { from: 0, to: 1 };
const NARROWEST = 0.001;

/** The part in view after a zoom about its middle; `by` below 1 comes nearer. */
export function zoomed({ from, to }: Span, by: number): Span {
  const width = Math.min(1, Math.max(NARROWEST, (to - from) * by));
  return placed((from + to) / 2 - width / 2, width);
}

/** The part in view moved by a part of its width. */
export const moved = ({ from, to }: Span, by: number): Span =>
  placed(from + (to - from) * by, to - from);

function placed(from: number, width: number): Span {
  const start = Math.min(1 - width, Math.max(0, from));
  return { from: start, to: start + width };
}

/** `250-500` in thousandths of the axis, as it stands in the address. */
export const spanText = ({ from, to }: Span): string | undefined =>
  from <= 0 && to >= 1 ? undefined : `${+(from * 1000).toFixed(2)}-${+(to * 1000).toFixed(2)}`;

export function spanOf(text: string | undefined): Span {
  const [from = Number.NaN, to = Number.NaN] = (text ?? "").split("-").map((n) => Number(n) / 1000);
  return from >= 0 && to <= 1 && to - from >= NARROWEST ? { from, to } : WHOLE;
}
