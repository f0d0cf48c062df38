/** Task runs in the order of the flow, nested and folded, as bars of one time axis: pure reckoning. */

import type { Execution, TaskRun } from "../../api/types";

/** A part of a bar: what waits is hatched, what is paused is pale; times in milliseconds. */
export type Segment = {
  kind: "queued" | "active" | "paused";
  state: string;
  from: number;
  to: number;
  isLive: boolean;
};

/** A task run, or all iterations of one task in one loop. */
export type Item = {
  id: string;
  taskId: string;
  run?: TaskRun;
  /** The value of the iteration, or its number. */
  value?: string;
  children: Item[];
};
export type Row = {
  item: Item;
  depth: number;
  isFolded: boolean;
  /** Of iterations, and of a folded group: how many task runs are in each state. */
  counts?: Record<string, number>;
};

/** Above as many rows groups begin folded. */
export const MOST_ROWS = 50;

const ms = (moment: string) => new Date(moment).getTime();

/** The axis in milliseconds: from the execution's start to its end, or to the present. */
export function axisOf(execution: Execution, now: number): { from: number; to: number } {
  const from = ms(execution.state.startDate);
  const to = execution.state.endDate ? ms(execution.state.endDate) : now;
  return { from, to: Math.max(to, from + 1) };
}

/** Task runs below their parents; the iterations of a task in a loop are held by one item. */
export function treeOf(runs: readonly TaskRun[]): Item[] {
  const items = new Map(runs.map((run) => [run.id, itemOf(run)]));
  const top: Item[] = [];
  const bundles = new Map<string, Item>();
  for (const run of runs) {
    const item = items.get(run.id);
    if (!item) continue;
    const parent = run.parentTaskRunId ? items.get(run.parentTaskRunId) : undefined;
    const into = parent?.children ?? top;
    if (run.iteration === undefined && run.value === undefined) {
      into.push(item);
      continue;
    }
    const id = `${run.parentTaskRunId ?? ""}*${run.taskId}`;
    let bundle = bundles.get(id);
    if (!bundle) {
      bundle = { id, taskId: run.taskId, children: [] };
      bundles.set(id, bundle);
      into.push(bundle);
    }
    bundle.children.push(item);
  }
  return top;
}

function itemOf(run: TaskRun): Item {
  const value = run.value ?? (run.iteration === undefined ? undefined : String(run.iteration));
  return { id: run.id, taskId: run.taskId, run, value, children: [] };
}

/**
 * The rows in view. `turned` are the items that a person folded or opened against what is usual:
 * iterations are folded, groups only where all of them would make more than 50 rows.
 */
export function rowsOf(top: readonly Item[], turned: ReadonlySet<string>): Row[] {
  const isMany = walk(top, ({ run }) => !run, false).length > MOST_ROWS;
  return walk(top, (item) => (!item.run || isMany) !== turned.has(item.id), true);
}

/** Without recursion: a flow may be nested deeper than the stack. */
function walk(top: readonly Item[], isFolded: (item: Item) => boolean, isCounted: boolean): Row[] {
  const rows: Row[] = [];
  const waiting = [...top].reverse().map((item) => ({ item, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { item, depth } = next;
    const folded = item.children.length > 0 && isFolded(item);
    const isTold = isCounted && (!item.run || folded);
    rows.push({ item, depth, isFolded: folded, counts: isTold ? countsOf(item) : undefined });
    if (folded) continue;
    for (let n = item.children.length - 1; n >= 0; n--) {
      const child = item.children[n];
      if (child) waiting.push({ item: child, depth: depth + 1 });
    }
  }
  return rows;
}

/** Of iterations their own states; of a group those of all task runs below it. */
function countsOf(item: Item): Record<string, number> {
  const counts: Record<string, number> = {};
  const waiting = [...item.children];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const state = next.run?.state.current;
    if (state) counts[state] = (counts[state] ?? 0) + 1;
    if (item.run) for (const child of next.children) waiting.push(child);
  }
  return counts;
}

const ORDER = ["FAILED", "KILLED", "KILLING", "RUNNING", "RETRYING", "PAUSED", "WARNING"];

/** The state that a row of several task runs shows: the worst that is there. */
export function stateOf({ item, counts = {} }: Row): string {
  if (item.run) return item.run.state.current;
  return ORDER.find((state) => counts[state]) ?? Object.keys(counts)[0] ?? "CREATED";
}

/** The parts of a row's bar; of iterations one part from the first to the last. */
export function segmentsOf(row: Row, now: number): Segment[] {
  const { run, children } = row.item;
  if (run) return children.length > 0 ? ofHistories(run, now) : segmentsOfRun(run, now);
  const states = row.item.children.flatMap(({ run }) => (run ? [run.state] : []));
  const isLive = states.some(({ endDate }) => !endDate);
  const from = states.reduce((least, { startDate }) => Math.min(least, ms(startDate)), now);
  const ends = states.reduce(
    (most, { endDate }) => Math.max(most, endDate ? ms(endDate) : 0),
    from,
  );
  return [{ kind: "active", state: stateOf(row), from, to: isLive ? now : ends, isLive }];
}

export function segmentsOfRun(run: TaskRun, now: number): Segment[] {
  const isPaused = run.state.histories.some(({ state }) => state === "PAUSED");
  return run.attempts?.length && !isPaused ? ofAttempts(run, now) : ofHistories(run, now);
}

function ofAttempts(run: TaskRun, now: number): Segment[] {
  const found: Segment[] = [];
  let at = ms(run.state.startDate);
  const wait = (to: number, isLive = false) => {
    if (to > at) found.push({ kind: "queued", state: "CREATED", from: at, to, isLive });
  };
  for (const { state } of run.attempts ?? []) {
    const from = ms(state.startDate);
    wait(from);
    const isLive = !state.endDate && !run.state.endDate;
    at = isLive ? now : ms(state.endDate ?? run.state.endDate ?? state.startDate);
    found.push({ kind: "active", state: state.current, from, to: at, isLive });
  }
  if (!run.state.endDate) wait(now, true);
  return found;
}

const KINDS: Record<string, Segment["kind"]> = {
  CREATED: "queued",
  RETRYING: "queued",
  RESTARTED: "queued",
  PAUSED: "paused",
};

function ofHistories(run: TaskRun, now: number): Segment[] {
  const { histories, endDate, current } = run.state;
  return histories.slice(0, endDate ? -1 : undefined).map(({ state, date }, n) => {
    const next = histories[n + 1];
    const kind = KINDS[state] ?? "active";
    const shown = kind === "active" && endDate ? current : state;
    return { kind, state: shown, from: ms(date), to: next ? ms(next.date) : now, isLive: !next };
  });
}
