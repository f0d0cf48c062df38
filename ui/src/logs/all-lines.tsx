/** The log lines of many executions, newest first. */

import { Link } from "@tanstack/react-router";
import type { Query } from "../api/client";
import { Histogram, type Series } from "../charts/histogram";
import { ColumnChoice, useColumns } from "../design/column-choice";
import { type Column, DataTable } from "../design/data-table";
import { LOG_FIELDS } from "../design/filter/fields";
import { FilterLine } from "../design/filter/filter-line";
import { useFilter } from "../design/filter/use-filter";
import { look } from "../design/look";
import { useUrl } from "../design/search";
import { familyOfLevel } from "../design/state";
import { Moment } from "../design/time";
import { usePage } from "../design/use-page";
import { t } from "../i18n";
import "./all-lines.css";

type Line = {
  timestamp: string;
  level: string;
  namespace: string;
  flowId: string;
  /** Lines of a trigger have none. */
  executionId?: string;
  triggerId?: string;
  taskId?: string;
  taskRunId?: string;
  index: number;
  message: string;
};

/** Columns that say nothing within one flow. */
const PLACE = new Set(["namespace", "flow"]);
const FLOW_FIELDS = LOG_FIELDS.filter(({ name }) => name !== "namespace" && name !== "flow");

const columns: Column<Line>[] = [
  {
    id: "at",
    title: t("column.time"),
    sort: "timestamp",
    cell: (row) => <Moment at={row.timestamp} />,
  },
  {
    id: "level",
    title: t("logs.column.level"),
    cell: ({ level }) => (
      <strong style={{ color: `var(--${familyOfLevel(level)}-text)` }}>{level}</strong>
    ),
  },
  {
    id: "flow",
    title: t("column.flow"),
    cell: (row) => (
      <Link to={`/main/flows/edit/${row.namespace}/${row.flowId}/logs` as never}>{row.flowId}</Link>
    ),
  },
  { id: "namespace", title: t("column.namespace"), cell: (row) => row.namespace },
  { id: "execution", title: t("logs.execution"), cell: (row) => <InContext line={row} /> },
  { id: "trigger", title: t("column.trigger"), cell: (row) => row.triggerId },
  { id: "task", title: t("logs.task"), cell: (row) => row.taskId },
  {
    id: "message",
    title: t("logs.column.message"),
    cell: (row) => (
      <span className="log-message mono" title={row.message.slice(0, 2_000)}>
        {row.message.slice(0, 500)}
      </span>
    ),
  },
];

/** Leads to the line among its neighbours, in the log of its execution. */
function InContext({ line }: { line: Line }) {
  const { namespace, flowId, executionId, timestamp } = line;
  if (!executionId) return null;
  return (
    <Link
      className="mono"
      to={`/main/executions/${namespace}/${flowId}/${executionId}/logs` as never}
      search={{ at: timestamp } as never}
      title={t("logs.inContext")}
    >
      {executionId.slice(0, 8)}
    </Link>
  );
}

/** What is shown where nobody chose columns. */
const usual = columns.map(({ id }) => id).filter((id) => id !== "trigger");
const LEVEL_SERIES: readonly Series[] = [["ERROR"], ["WARN"], ["INFO"], ["DEBUG", "TRACE"]].map(
  (names) => ({
    names,
    fill: `var(--${familyOfLevel(names[0] ?? "")})`,
    title: names.join(", "),
  }),
);
const NO_RANGE = {
  range: undefined,
  "filters[timeRange][EQUALS]": undefined,
  "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": undefined,
  "filters[endDate][LESS_THAN_OR_EQUAL_TO]": undefined,
};

const flowColumns = columns.filter(({ id }) => !PLACE.has(id));

/** Of one flow, or of all that the filters leave. */
export function AllLines({ flow }: { flow?: { namespace: string; id: string } }) {
  const list = flow ? "flowLogs" : "logs";
  const all = flow ? flowColumns : columns;
  const shown = useColumns(list, all, usual);
  const fields = flow ? FLOW_FIELDS : LOG_FIELDS;
  const filter = useFilter(fields);
  const names = new Set(filter.filters.map(({ name }) => name));
  const [, change] = useUrl();
  const asked: Query = {
    ...(names.has("level") ? {} : { minLevel: look().logLevel ?? "INFO" }),
    ...(names.has("start") || names.has("end") ? {} : { timeRange: look().logRange ?? "PT24H" }),
    ...filter.query,
    ...(flow && {
      "filters[namespace][EQUALS]": flow.namespace,
      "filters[flowId][EQUALS]": flow.id,
    }),
  };
  const query = usePage<Line>({
    key: ["logs"],
    path: "/logs/search",
    everyMs: 5_000,
    query: asked,
  });
  return (
    <>
      <FilterLine list={list} fields={fields}>
        <ColumnChoice list={list} all={all} shown={shown} />
      </FilterLine>
      <Histogram
        title={t("logs.chart")}
        list={list}
        path="/logs/histogram"
        query={asked}
        series={LEVEL_SERIES}
        onRange={(from, to) => change({ ...NO_RANGE, page: undefined, from, to })}
      />
      <DataTable
        label={t("nav.logs")}
        list={list}
        query={query}
        columns={shown}
        rowKey={(row) => `${row.taskRunId} ${row.timestamp} ${row.index}`}
        empty={t("logs.none")}
      />
    </>
  );
}
