/** What task runs gave, by the path under which expressions read it: pure reckoning. */

import type { Execution, TaskRun } from "../../api/types";

const NAME = /^[A-Za-z_]\w*$/;

/** `outputs.load['2026-11-22'].rows` */
export function expressionOf(path: readonly string[]): string {
  const steps = path.map((part) => (NAME.test(part) ? `.${part}` : `['${escaped(part)}']`));
  return `outputs${steps.join("")}`;
}

const escaped = (text: string) => text.replace(/\\/g, "\\\\").replace(/'/g, "\\'");

/** Where the outputs of each task run stand: the task, then the values of the loops around it. */
export function placesOf(runs: readonly TaskRun[]): Map<string, string[]> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const places = new Map<string, string[]>();
  for (const run of runs) {
    const values: string[] = [];
    for (let at: TaskRun | undefined = run; at; at = byId.get(at.parentTaskRunId ?? "")) {
      if (at.value !== undefined) values.unshift(at.value);
    }
    places.set(run.id, [run.taskId, ...values]);
  }
  return places;
}

export type Leaf = { path: string[]; value: unknown };

/** Every value of an output with its path; a list is one value, an empty map too. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ path: [...path], value }];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path: [...path], value }];
  return entries.flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

export type Kind = "text" | "number" | "truth" | "nothing" | "list" | "map" | "file";

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return /^(kestra|nsfile):\/\//.test(value) ? "file" : "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "truth";
  return Array.isArray(value) ? "list" : "map";
}

/** Of the value as JSON, in bytes; of a file the server knows it. */
export const sizeOf = (value: unknown): number =>
  new TextEncoder().encode(typeof value === "string" ? value : (JSON.stringify(value) ?? ""))
    .length;

/** What an expression can name, as far as the page knows it: for completion only. */
export function scopeOf(execution: Execution): Record<string, unknown> {
  const runs = execution.taskRunList ?? [];
  const places = placesOf(runs);
  const outputs: Record<string, unknown> = {};
  for (const run of runs) put(outputs, places.get(run.id) ?? [], run.outputs ?? {});
  const { id, state, originalId, flowId, namespace, flowRevision } = execution;
  return {
    outputs,
    inputs: execution.inputs ?? {},
    vars: execution.variables ?? {},
    labels: Object.fromEntries(execution.labels.map(({ key, value }) => [key, value])),
    trigger: execution.trigger?.variables ?? {},
    execution: { id, state: state.current, startDate: state.startDate, originalId },
    flow: { id: flowId, namespace, revision: flowRevision },
    taskrun: { id: "", value: "", iteration: 0 },
    task: { id: "" },
  };
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown) {
  let at = into;
  path.forEach((part, n) => {
    if (n === path.length - 1) at[part] = value;
    else if (typeof at[part] !== "object" || at[part] === null) at[part] = {};
    at = at[part] as Record<string, unknown>;
  });
}
