/** What the lists can be filtered by, in the words that people type. */

import { STATES } from "../state";
import type { Field } from "./tokens";

const q: Field = { name: "q", field: "q", kind: "search", short: { q: "EQUALS" } };
const namespace: Field = {
  name: "namespace",
  field: "namespace",
  kind: "name",
  complete: "namespace",
  short: { namespace: "PREFIX" },
};
const flow: Field = {
  name: "flow",
  field: "flowId",
  kind: "name",
  complete: "flow",
  short: { flowId: "EQUALS" },
};
const label: Field = {
  name: "label",
  field: "labels",
  kind: "label",
  short: { label: "EQUALS" },
};
const start: Field = {
  name: "start",
  field: "startDate",
  kind: "moment",
  range: "timeRange",
  short: { from: "GREATER_THAN_OR_EQUAL_TO", range: "EQUALS" },
};
const end: Field = {
  name: "end",
  field: "endDate",
  kind: "moment",
  short: { to: "LESS_THAN_OR_EQUAL_TO" },
};
const text = (name: string, field: string, short?: Field["short"]): Field => ({
  name,
  field,
  kind: "text",
  ...(short && { short }),
});

export const EXECUTION_FIELDS: readonly Field[] = [
  { name: "state", field: "state", kind: "choice", values: STATES, short: { state: "IN" } },
  namespace,
  flow,
  label,
  start,
  end,
  text("trigger", "triggerId"),
  text("id", "id"),
  text("commit", "commit", { commit: "STARTS_WITH" }),
  text("parent", "parentId"),
  { name: "revision", field: "flowRevision", kind: "number" },
  q,
];

export const FLOW_FIELDS: readonly Field[] = [namespace, flow, label, q];

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] as const;

export const LOG_FIELDS: readonly Field[] = [
  {
    name: "level",
    field: "level",
    kind: "choice",
    values: LEVELS,
    isSingle: true,
    short: { level: "EQUALS" },
  },
  namespace,
  flow,
  start,
  end,
  text("trigger", "triggerId"),
  text("execution", "executionId"),
  text("task", "taskId"),
  q,
];

export const TRIGGER_FIELDS: readonly Field[] = [
  {
    name: "state",
    field: "triggerState",
    kind: "choice",
    values: ["ENABLED", "DISABLED"],
    isSingle: true,
    short: { standing: "EQUALS" },
  },
  namespace,
  flow,
  text("trigger", "triggerId"),
  { name: "locked", field: "locked", kind: "choice", values: ["true", "false"], isSingle: true },
  q,
];

/** How a filter of each field is written, in the words of the lists that have it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  state: "state:FAILED",
  level: "level:WARN",
  triggerState: "state:DISABLED",
  namespace: "namespace:company.*",
  labels: "label:team=data",
  startDate: "start:>-24h",
};

/** What the empty box of a list shows: only what this list can be filtered by, in its order. */
export function exampleOf(fields: readonly Field[]): string {
  return fields.flatMap(({ field }) => EXAMPLES[field] ?? []).join(" ");
}
