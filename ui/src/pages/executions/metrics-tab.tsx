/** Figures that the tasks of an execution sent. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import { type Column, DataTable } from "../../design/data-table";
import { Panel } from "../../design/panel";
import { hasEnded } from "../../design/state";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import "./execution.css";
import { type Entry, figureText, MetricCharts } from "./metric-charts";

const columns: Column<Entry>[] = [
  { id: "task", title: t("logs.task"), cell: (row) => row.taskId },
  { id: "name", title: t("metrics.name"), cell: (row) => row.name },
  { id: "type", title: t("column.type"), cell: (row) => row.type },
  {
    id: "value",
    title: t("metrics.value"),
    cell: (row) => figureText(row.type, row.value),
  },
  {
    id: "tags",
    title: t("metrics.tags"),
    cell: ({ tags = {} }) =>
      Object.entries(tags)
        .map(([key, value]) => `${key}: ${value}`)
        .join(", "),
  },
  {
    id: "at",
    title: t("column.time"),
    sort: "timestamp",
    cell: (row) => <Moment at={row.timestamp} />,
  },
];

export function Metrics({ execution }: { execution: Execution }) {
  const query = usePage<Entry>({
    key: ["metrics", execution.id],
    path: `/metrics/${execution.id}`,
    everyMs: hasEnded(execution.state.current) ? undefined : 3_000,
  });
  return (
    <>
      <Charts execution={execution} />
      <DataTable
        label={t("execution.metrics")}
        query={query}
        columns={columns}
        rowKey={(row) => `${row.taskRunId} ${row.name} ${row.timestamp}`}
        empty={t("metrics.none")}
      />
    </>
  );
}

const MOST_DRAWN = 1_000;

/** Of the first thousand figures; the table has them all. */
function Charts({ execution }: { execution: Execution }) {
  const query = useQuery({
    queryKey: ["metrics", execution.id, "charts"],
    refetchInterval: hasEnded(execution.state.current) ? false : 3_000,
    queryFn: ({ signal }) =>
      call<Page<Entry>>("GET", `/metrics/${execution.id}`, {
        signal,
        query: { size: MOST_DRAWN },
      }),
  });
  const entries = query.data?.results ?? [];
  if (entries.length === 0) return null;
  return (
    <Panel title={t("metrics.byTask")}>
      <MetricCharts entries={entries} />
    </Panel>
  );
}
