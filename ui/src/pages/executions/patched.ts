/** An execution after a frame of its stream. */

import type { Execution, TaskRun } from "../../api/types";

type Frame = Execution & { patch?: boolean };

/** A patch holds only task runs that are new or have changed; every other frame is the whole. */
export function patched(before: Execution | undefined, frame: Frame): Execution {
  const { patch, ...execution } = frame;
  if (!patch || !before?.taskRunList) return execution;
  const changed = new Map(frame.taskRunList?.map((run) => [run.id, run]));
  const known = before.taskRunList.map((run) => taken(changed, run.id) ?? run);
  return { ...execution, taskRunList: [...known, ...changed.values()] };
}

function taken(runs: Map<string, TaskRun>, id: string): TaskRun | undefined {
  const run = runs.get(id);
  runs.delete(id);
  return run;
}
