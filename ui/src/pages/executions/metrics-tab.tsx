/** Figures that the tasks of an execution sent. */

import type { Execution } from "../../api/types";
import { type Column, DataTable } from "../../design/data-table";
import { hasEnded } from "../../design/state";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";

type Entry = {
  taskId: string;
  taskRunId: string;
  name: string;
  type: string;
  value: number;
  timestamp: string;
  tags?: Record<string, string>;
};

const columns: Column<Entry>[] = [
  { id: "task", title: t("logs.task"), cell: (row) => row.taskId },
  { id: "name", title: t("metrics.name"), cell: (row) => row.name },
  { id: "type", title: t("column.type"), cell: (row) => row.type },
  {
    id: "value",
    title: t("metrics.value"),
    cell: (row) => new Intl.NumberFormat("en").format(row.value),
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
    <DataTable
      label={t("execution.metrics")}
      query={query}
      columns={columns}
      rowKey={(row) => `${row.taskRunId} ${row.name} ${row.timestamp}`}
      empty={t("metrics.none")}
    />
  );
}
