/** The tree of outputs as rows: tasks, iterations of a task, values; folded and searched. */

import type { TaskRun } from "../../api/types";
import { type Leaf, leavesOf, placesOf } from "./output-paths";

export type OutputRow = {
  id: string;
  name: string;
  depth: number;
  /** Of a task or an iteration: how many values there are below it. */
  count: number;
  isFolded: boolean;
  leaf?: Leaf;
};

/** Above as many values tasks begin folded. */
export const MOST_OPEN = 200;

type Task = { taskId: string; runs: { id: string; values: string[]; leaves: Leaf[] }[] };

/** `turned` are the holders that a person folded or opened against what is usual. */
export function rowsOfOutputs(
  runs: readonly TaskRun[],
  turned: ReadonlySet<string>,
  sought: string,
): OutputRow[] {
  const tasks = tasksOf(runs, sought.trim().toLowerCase());
  const total = tasks.reduce((sum, task) => sum + countOf(task), 0);
  const isMany = sought === "" && total > MOST_OPEN;
  const rows: OutputRow[] = [];
  for (const task of tasks) {
    const isFolded = isMany !== turned.has(task.taskId);
    const count = countOf(task);
    rows.push({ id: task.taskId, name: task.taskId, depth: 0, count, isFolded });
    if (!isFolded) addRuns(rows, task, isMany, turned);
  }
  return rows;
}

function addRuns(rows: OutputRow[], task: Task, isMany: boolean, turned: ReadonlySet<string>) {
  for (const { id, values, leaves } of task.runs) {
    const isIteration = values.length > 0;
    const isFolded = isIteration && isMany !== turned.has(id);
    const depth = isIteration ? 2 : 1;
    if (isIteration) {
      rows.push({ id, name: values.join(" / "), depth: 1, count: leaves.length, isFolded });
    }
    if (isFolded) continue;
    for (const leaf of leaves) {
      const name = leaf.path.slice(1 + values.length).join(".");
      rows.push({ id: leaf.path.join("/"), name, depth, count: 0, isFolded: false, leaf });
    }
  }
}

const countOf = ({ runs }: Task) => runs.reduce((sum, { leaves }) => sum + leaves.length, 0);

/** What holds the text in its path or in its value; all without one. */
function tasksOf(runs: readonly TaskRun[], sought: string): Task[] {
  const places = placesOf(runs);
  const tasks = new Map<string, Task>();
  for (const run of runs) {
    if (Object.keys(run.outputs ?? {}).length === 0) continue;
    const place = places.get(run.id) ?? [run.taskId];
    const leaves = leavesOf(run.outputs, place).filter((leaf) => holds(leaf, sought));
    if (leaves.length === 0) continue;
    const task = tasks.get(run.taskId) ?? { taskId: run.taskId, runs: [] };
    task.runs.push({ id: run.id, values: place.slice(1), leaves });
    tasks.set(run.taskId, task);
  }
  return [...tasks.values()];
}

function holds({ path, value }: Leaf, sought: string): boolean {
  if (sought === "") return true;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return path.join(".").toLowerCase().includes(sought) || text.toLowerCase().includes(sought);
}
