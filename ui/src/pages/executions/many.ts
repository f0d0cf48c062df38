/** What can be done to many executions, and to which of them. */

import type { Query } from "../../api/client";
import type { Filter } from "../../design/filter/tokens";
import { hasEnded, STATES } from "../../design/state";

export type Many = {
  name: string;
  method: "POST" | "DELETE";
  fits: (state: string) => boolean;
  /** Gone for good: asked before, also for those that were chosen one by one. */
  isFinal?: boolean;
  /** What has to be said first. */
  asks?: "state" | "label";
};

/** The states that an execution that has ended may be given. */
export const ENDS = ["SUCCESS", "WARNING", "FAILED", "CANCELLED"];

/** What somebody said to an act that asks. */
export type Said = { state: string; key: string; value: string };

export const MANY: Many[] = [
  { name: "restart", method: "POST", fits: (state) => state === "FAILED" },
  { name: "replay", method: "POST", fits: hasEnded },
  { name: "pause", method: "POST", fits: (state) => state === "RUNNING" },
  { name: "resume", method: "POST", fits: (state) => state === "PAUSED" },
  { name: "force-run", method: "POST", fits: (state) => state === "QUEUED" },
  { name: "unqueue", method: "POST", fits: (state) => state === "QUEUED" },
  { name: "kill", method: "DELETE", fits: (state) => !hasEnded(state) && state !== "KILLING" },
  { name: "change-status", method: "POST", fits: hasEnded, asks: "state" },
  { name: "labels", method: "POST", fits: hasEnded, asks: "label" },
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

export type Asked = { path: string; query?: Query; json?: unknown };

/** The call that does an act to a list of ids. */
export function askedOfIds(many: Many, ids: readonly string[], said: Said): Asked {
  const path = pathOf(many, "ids");
  if (many.asks !== "label") return { path, query: queryOf(many, said), json: ids };
  return { path, json: { executionsId: ids, executionLabels: [labelOf(said)] } };
}

/** The call that does an act to all that a query finds. */
export function askedOfQuery(many: Many, query: Query, said: Said): Asked {
  const path = pathOf(many, "query");
  const json = many.asks === "label" ? [labelOf(said)] : undefined;
  return { path, query: { ...query, ...queryOf(many, said) }, json };
}

const labelOf = ({ key, value }: Said) => ({ key, value });
const queryOf = ({ asks }: Many, { state }: Said): Query =>
  asks === "state" ? { newStatus: state } : {};

/** Whether all is said that an act asks for. */
export const isSaid = ({ asks }: Many, { key, value }: Said): boolean =>
  asks !== "label" || (key.trim() !== "" && value.trim() !== "");

/** Those of a list that the server said cannot take an act, with the reason; empty for other errors. */
export function refusedOf(body: unknown): { id: string; reason: string }[] {
  const found = (body as { invalids?: { message: string; invalidValue: string }[] } | null)
    ?.invalids;
  return (found ?? []).map(({ message, invalidValue }) => ({ id: invalidValue, reason: message }));
}
