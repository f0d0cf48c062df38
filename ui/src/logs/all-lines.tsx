/** The log lines of many executions, newest first. */

import { Link } from "@tanstack/react-router";
import { ColumnChoice, useColumns } from "../design/column-choice";
import { type Column, DataTable } from "../design/data-table";
import { LOG_FIELDS } from "../design/filter/fields";
import { FilterLine } from "../design/filter/filter-line";
import { useFilter } from "../design/filter/use-filter";
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
  executionId: string;
  taskId?: string;
  taskRunId?: string;
  index: number;
  message: string;
};

/** Columns that say nothing within one flow. */
const PLACE = new Set(["namespace"]);
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
      <Link
        to={`/main/executions/${row.namespace}/${row.flowId}/${row.executionId}/logs` as never}
        search={{ find: row.message.slice(0, 60) } as never}
      >
        {row.flowId}
      </Link>
    ),
  },
  { id: "namespace", title: t("column.namespace"), cell: (row) => row.namespace },
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

const flowColumns = columns.filter(({ id }) => !PLACE.has(id));

/** Of one flow, or of all that the filters leave. */
export function AllLines({ flow }: { flow?: { namespace: string; id: string } }) {
  const list = flow ? "flowLogs" : "logs";
  const all = flow ? flowColumns : columns;
  const shown = useColumns(list, all);
  const fields = flow ? FLOW_FIELDS : LOG_FIELDS;
  const filter = useFilter(fields);
  const names = new Set(filter.filters.map(({ name }) => name));
  const query = usePage<Line>({
    key: ["logs"],
    path: "/logs/search",
    everyMs: 5_000,
    query: {
      ...(names.has("level") ? {} : { minLevel: "INFO" }),
      ...(names.has("start") || names.has("end") ? {} : { timeRange: "PT24H" }),
      ...filter.query,
      ...(flow && {
        "filters[namespace][EQUALS]": flow.namespace,
        "filters[flowId][EQUALS]": flow.id,
      }),
    },
  });
  return (
    <>
      <FilterLine list={list} fields={fields}>
        <ColumnChoice list={list} all={all} shown={shown} />
      </FilterLine>
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
