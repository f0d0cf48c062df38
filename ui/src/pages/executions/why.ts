/** What made an execution fail: the task run, which attempt it was, what it ended with. */

import type { Execution, TaskRun } from "../../api/types";

/** The task run that failed first, of those below which none failed. */
export function causeOf({ taskRunList = [] }: Execution): TaskRun | undefined {
  const failed = taskRunList.filter(({ state }) => state.current === "FAILED");
  const holders = new Set(failed.map(({ parentTaskRunId }) => parentTaskRunId));
  const ended = ({ state }: TaskRun) => state.endDate ?? "";
  return failed
    .filter(({ id }) => !holders.has(id))
    .reduce<TaskRun | undefined>(
      (first, run) => (first && ended(first) <= ended(run) ? first : run),
      undefined,
    );
}

/** What its process ended with, where it had one. */
export function exitCodeOf({ outputs }: TaskRun): number | undefined {
  const code = outputs?.exitCode;
  return typeof code === "number" ? code : undefined;
}

/** Which attempt failed, and how many there may be; the latter unknown without `retry`. */
export function attemptOf(
  { attempts = [] }: TaskRun,
  retry: unknown,
): [number, number | undefined] {
  const { maxAttempts, maxAttempt } = (retry ?? {}) as Record<string, unknown>;
  const most = Number(maxAttempts ?? maxAttempt);
  return [Math.max(1, attempts.length), Number.isInteger(most) ? most : undefined];
}
