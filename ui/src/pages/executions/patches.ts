/** What changed of an execution, put into what is here of it. */

import type { Execution, Served, TaskRun } from "../../api/types";

type Changes = Served["ExecutionChanges"];

/** The latest moment that an execution tells: what changed since comes after it. */
export function markOf({ state, taskRunList = [] }: Execution): string | undefined {
  let latest: string | undefined;
  let at = Number.NEGATIVE_INFINITY;
  for (const one of [state, ...taskRunList.map((run) => run.state)]) {
    const date = one.histories.at(-1)?.date;
    if (date && Date.parse(date) > at) {
      latest = date;
      at = Date.parse(date);
    }
  }
  return latest;
}

/**
 * The execution with its changes; task runs without any stay the same objects. Undefined where the
 * states do not count up to those of the server: something else changed (a run that is gone).
 */
export function patched(here: Execution, changes: Changes): Execution | undefined {
  const news = new Map((changes.taskRuns as TaskRun[]).map((run) => [run.id, run]));
  const taskRunList = (here.taskRunList ?? []).map((run) => take(news, run.id) ?? run);
  taskRunList.push(...news.values());
  const counts: Record<string, number> = {};
  for (const { state } of taskRunList) counts[state.current] = (counts[state.current] ?? 0) + 1;
  const states = new Set([...Object.keys(counts), ...Object.keys(changes.counts)]);
  for (const state of states) if (counts[state] !== changes.counts[state]) return undefined;
  const list = taskRunList.length > 0 ? { taskRunList } : {};
  return { ...(changes.execution as Execution), ...list };
}

function take(news: Map<string, TaskRun>, id: string): TaskRun | undefined {
  const found = news.get(id);
  news.delete(id);
  return found;
}

/** Runs one at a time: asked for while it runs, it runs once more afterwards. */
export function inTurn(act: () => Promise<void>): () => void {
  let isBusy = false;
  let isAsked = false;
  const run = async () => {
    if (isBusy) {
      isAsked = true;
      return;
    }
    isBusy = true;
    await act().catch(() => undefined);
    isBusy = false;
    if (isAsked) {
      isAsked = false;
      void run();
    }
  };
  return () => void run();
}
