/** What can be done to many executions, and to which of them. */

import type { Filter } from "../../design/filter/tokens";
import { hasEnded, STATES } from "../../design/state";

export type Many = {
  name: string;
  method: "POST" | "DELETE";
  fits: (state: string) => boolean;
  /** Gone for good: asked before, also for those that were chosen one by one. */
  isFinal?: boolean;
};

export const MANY: Many[] = [
  { name: "restart", method: "POST", fits: (state) => state === "FAILED" },
  { name: "replay", method: "POST", fits: hasEnded },
  { name: "pause", method: "POST", fits: (state) => state === "RUNNING" },
  { name: "resume", method: "POST", fits: (state) => state === "PAUSED" },
  { name: "force-run", method: "POST", fits: (state) => state === "QUEUED" },
  { name: "unqueue", method: "POST", fits: (state) => state === "QUEUED" },
  { name: "kill", method: "DELETE", fits: (state) => !hasEnded(state) && state !== "KILLING" },
  { name: "delete", method: "DELETE", fits: hasEnded, isFinal: true },
];

/** Where an act is asked for: of a list of ids, or of all that a query finds. */
export const pathOf = ({ name }: Many, by: "ids" | "query"): string =>
  name === "delete" ? `/executions/by-${by}` : `/executions/${name}/by-${by}`;

/** Among all that a filter finds, the states of those that an act fits; undefined where none is. */
export function statesFor({ fits }: Many, filters: readonly Filter[]): string | undefined {
  const asked = filters.filter(({ field, op }) => field === "state" && !op.startsWith("NOT"));
  const found = STATES.filter(
    (state) => fits(state) && asked.every(({ value }) => value.split(",").includes(state)),
  );
  return found.length > 0 ? found.join(",") : undefined;
}
