/** Whether a schedule should have started something by now and has not. */

import type { TriggerState } from "../api/types-more";

/** The scheduler looks each second or so; what is later than this it has not done. */
export const LATE_MS = 60_000;

/** A trigger that waits for its execution to end (locked), or catches up, is late on purpose. */
export function isMissed(state: TriggerState, now: number): boolean {
  if (!state.nextExecutionDate || state.locked || state.executionId || state.backfill) return false;
  return now - new Date(state.nextExecutionDate).getTime() > LATE_MS;
}
