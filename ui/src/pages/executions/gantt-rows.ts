/** Task runs in the order of the flow, nested, as bars of one time axis: pure reckoning. */

import type { Execution, TaskRun } from "../../api/types";

export type Segment = { state: string; from: number; to: number };
export type Row = { run: TaskRun; depth: number; segments: Segment[]; from: number; to: number };

const ms = (moment: string) => new Date(moment).getTime();

/** The axis in milliseconds: from the execution's start to its end, or to the present. */
export function axisOf(execution: Execution, now: number): { from: number; to: number } {
  const from = ms(execution.state.startDate);
  const to = execution.state.endDate ? ms(execution.state.endDate) : now;
  return { from, to: Math.max(to, from + 1) };
}

/** Rows in document order, children below their parents; deep trees need no recursion limit. */
export function rowsOf(runs: readonly TaskRun[], now: number): Row[] {
  const children = new Map<string | undefined, TaskRun[]>();
  const known = new Set(runs.map((run) => run.id));
  for (const run of runs) {
    const parent =
      run.parentTaskRunId && known.has(run.parentTaskRunId) ? run.parentTaskRunId : undefined;
    children.set(parent, [...(children.get(parent) ?? []), run]);
  }
  const rows: Row[] = [];
  const waiting = (children.get(undefined) ?? []).map((run) => ({ run, depth: 0 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const segments = segmentsOf(next.run, now);
    const from = segments[0]?.from ?? now;
    rows.push({ ...next, segments, from, to: segments.at(-1)?.to ?? from });
    const depth = next.depth + 1;
    for (const child of (children.get(next.run.id) ?? []).reverse()) {
      waiting.push({ run: child, depth });
    }
  }
  return rows;
}

function segmentsOf(run: TaskRun, now: number): Segment[] {
  const { histories, endDate } = run.state;
  return histories.slice(0, endDate ? -1 : undefined).map((entry, n) => {
    const next = histories[n + 1];
    return { state: entry.state, from: ms(entry.date), to: next ? ms(next.date) : now };
  });
}
