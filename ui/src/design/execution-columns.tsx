/** How executions look in every table. */

import { Link } from "@tanstack/react-router";
import type { Execution, Label } from "../api/types";
import { t } from "../i18n";
import type { Column } from "./data-table";
import { StateBadge } from "./state-badge";
import { Duration, Moment } from "./time";

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
    cell: ({ state }) => <Duration from={state.startDate} to={state.endDate} />,
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
    cell: ({ parentId }) => <span className="mono">{parentId?.slice(0, 8)}</span>,
  },
  { id: "inputs", title: t("column.inputs"), cell: (e) => inputsText(e.inputs) },
];

const MOST_SHOWN = 80;

function inputsText(inputs: Record<string, unknown> = {}): string {
  const text = Object.entries(inputs)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
