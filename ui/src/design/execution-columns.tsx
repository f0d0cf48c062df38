/** How executions look in every table. */

import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { Execution, Label } from "../api/types";
import { t } from "../i18n";
import type { Column } from "./data-table";
import "./execution-columns.css";
import { fillOf } from "./state";
import { StateBadge } from "./state-badge";
import { durationText, Moment, useNow } from "./time";

/** What people wrote; labels of the system stand in the details of an execution. */
export const labelsText = (labels: Label[] = []): string =>
  labels
    .filter(({ key }) => !key.startsWith("system."))
    .map(({ key, value }) => `${key}: ${value}`)
    .join(", ");

export const executionColumns: Column<Execution>[] = [
  {
    id: "state",
    title: t("column.state"),
    sort: "state.current",
    cell: (execution) => <StateBadge state={execution.state.current} />,
  },
  {
    id: "id",
    title: t("column.id"),
    cell: ({ namespace, flowId, id }) => (
      <Link className="mono" to={`/main/executions/${namespace}/${flowId}/${id}/overview` as never}>
        {id.slice(0, 8)}
      </Link>
    ),
  },
  { id: "flow", title: t("column.flow"), sort: "flowId", cell: (e) => e.flowId },
  { id: "namespace", title: t("column.namespace"), sort: "namespace", cell: (e) => e.namespace },
  {
    id: "started",
    title: t("column.started"),
    sort: "state.startDate",
    cell: (execution) => <Moment at={execution.state.startDate} />,
  },
  {
    id: "duration",
    title: t("column.duration"),
    cell: ({ state }) => <DurationBar state={state} />,
  },
  {
    id: "labels",
    title: t("column.labels"),
    cell: (e) => labelsText(e.labels),
  },
];

/** What a list of executions shows where somebody asks for it. */
export const moreColumns: Column<Execution>[] = [
  { id: "trigger", title: t("column.trigger"), cell: (e) => e.trigger?.id },
  { id: "revision", title: t("column.revision"), cell: (e) => e.flowRevision },
  {
    id: "commit",
    title: t("git.commit"),
    cell: ({ commit }) => <span className="mono">{commit?.slice(0, 8)}</span>,
  },
  {
    id: "parent",
    title: t("column.parent"),
    cell: (e) => <Parent execution={e} />,
  },
  { id: "inputs", title: t("column.inputs"), cell: (e) => inputsText(e.inputs) },
];

/** The value of one input; columns of inputs are those that somebody chose. */
export const inputColumn = (name: string): Column<Execution> => ({
  id: `${INPUT}${name}`,
  title: t("column.input", { name }),
  cell: ({ inputs }) => (inputs && name in inputs ? valueText(inputs[name]) : null),
});

/** The input that a column shows; null for any other column. */
export const inputOf = (id: string): string | null =>
  id.startsWith(INPUT) ? id.slice(INPUT.length) : null;

const INPUT = "input:";

/** The time that it took; in tables that know their longest, with a bar that grows as it runs. */
function DurationBar({ state }: { state: Execution["state"] }) {
  const { startDate, endDate } = state;
  const now = useNow(endDate ? 3_600_000 : 1_000);
  const ms = startDate ? (endDate ? Date.parse(endDate) : now) - Date.parse(startDate) : 0;
  return (
    <span
      className="duration"
      data-live={endDate ? undefined : true}
      style={{ "--ms": Math.max(0, ms), "--fill": fillOf(state.current) } as CSSProperties}
    >
      {startDate ? durationText(ms) : "–"}
    </span>
  );
}

/** Where the parent is known to be, a link to it. */
function Parent({ execution: { parentId, trigger } }: { execution: Execution }) {
  if (!parentId) return null;
  const { executionId, namespace, flowId } = trigger?.variables ?? {};
  const id = <span className="mono">{parentId.slice(0, 8)}</span>;
  if (executionId !== parentId || !namespace || !flowId) return id;
  const to = `/main/executions/${namespace}/${flowId}/${parentId}/overview`;
  return <Link to={to as never}>{id}</Link>;
}

const MOST_SHOWN = 80;

function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

function inputsText(inputs: Record<string, unknown> = {}): string {
  const text = Object.entries(inputs)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
