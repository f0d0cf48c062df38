/** The tasks of an execution, nested as they ran, with how many lines and errors each has. */

import type { TaskRun } from "../api/types";
import { LEVELS } from "../design/filter/fields";

/** Counts by task run and level. */
export type Summary = {
  total: number;
  levels: Record<string, number>;
  taskRuns: Record<string, Record<string, number>>;
};

export type Node = {
  taskId: string;
  depth: number;
  /** The task and all below it. */
  taskIds: string[];
  lines: number;
  errors: number;
};

type Counts = { lines: number; errors: number };

/** Counts by task, of all its task runs. */
function countsOf(runs: readonly TaskRun[], summary: Summary | undefined): Map<string, Counts> {
  const found = new Map<string, Counts>();
  for (const { id, taskId } of runs) {
    const counts = found.get(taskId) ?? { lines: 0, errors: 0 };
    for (const [level, count] of Object.entries(summary?.taskRuns[id] ?? {})) {
      counts.lines += count;
      if (level === "ERROR") counts.errors += count;
    }
    found.set(taskId, counts);
  }
  return found;
}

/** The tasks below each, in their order; below undefined those that stand by themselves. */
function childrenOf(runs: readonly TaskRun[]): Map<string | undefined, string[]> {
  const taskOf = new Map(runs.map(({ id, taskId }) => [id, taskId]));
  const seen = new Set<string>();
  const found = new Map<string | undefined, string[]>();
  for (const { taskId, parentTaskRunId } of runs) {
    if (seen.has(taskId)) continue;
    seen.add(taskId);
    const above = parentTaskRunId ? taskOf.get(parentTaskRunId) : undefined;
    const parent = above === taskId ? undefined : above;
    found.set(parent, [...(found.get(parent) ?? []), taskId]);
  }
  return found;
}

/** One node a task, whatever the number of its iterations; counts include what lies below it. */
export function nodesOf(runs: readonly TaskRun[], summary: Summary | undefined): Node[] {
  const own = countsOf(runs, summary);
  const children = childrenOf(runs);
  const found: Node[] = [];
  const walk = (taskId: string, depth: number): Node => {
    const counts = own.get(taskId) ?? { lines: 0, errors: 0 };
    const node: Node = { taskId, depth, taskIds: [taskId], ...counts };
    found.push(node);
    for (const child of children.get(taskId) ?? []) {
      const below = walk(child, depth + 1);
      node.taskIds.push(...below.taskIds);
      node.lines += below.lines;
      node.errors += below.errors;
    }
    return node;
  };
  for (const taskId of children.get(undefined) ?? []) walk(taskId, 0);
  return found;
}

/** How many attempts the task runs of some tasks had at most. */
export function attemptsOf(runs: readonly TaskRun[], taskIds: readonly string[]): number {
  const wanted = new Set(taskIds);
  const chosen = runs.filter(({ taskId }) => wanted.size === 0 || wanted.has(taskId));
  return Math.max(0, ...chosen.map(({ attempts }) => attempts?.length ?? 0));
}

/** The levels below one, with how many lines each has; the highest first, empty ones left out. */
export function belowLevel(level: string, summary: Summary): { level: string; count: number }[] {
  const under = LEVELS.slice(0, LEVELS.indexOf(level as (typeof LEVELS)[number]));
  return under
    .map((name) => ({ level: name as string, count: summary.levels[name] ?? 0 }))
    .filter(({ count }) => count > 0)
    .reverse();
}
