/** The log lines of many executions, newest first. */

import { Group, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, DataTable } from "../design/data-table";
import { FilterBox } from "../design/filter-box";
import { SavedFilters } from "../design/saved-filters";
import { useUrl } from "../design/search";
import { familyOfLevel } from "../design/state";
import { Moment } from "../design/time";
import { usePage } from "../design/use-page";
import { type Key, t } from "../i18n";
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
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
const RANGES = ["PT1H", "PT24H", "P7D", "P30D"];

const FILTERS = ["q", "namespace", "flowId", "level", "range"] as const;

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

/** Of one flow, or of all that the filters leave. */
export function AllLines({ flow }: { flow?: { namespace: string; id: string } }) {
  const [search, change] = useUrl();
  const query = usePage<Line>({
    key: ["logs"],
    path: "/logs/search",
    everyMs: 5_000,
    query: {
      q: search.q,
      minLevel: search.level ?? "INFO",
      timeRange: search.range ?? "PT24H",
      ...(flow
        ? {
            "filters[namespace][EQUALS]": flow.namespace,
            "filters[flowId][EQUALS]": flow.id,
          }
        : { namespace: search.namespace, flowId: search.flowId }),
    },
  });
  return (
    <>
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        {!flow && <FilterBox name="namespace" label={t("filter.namespace")} />}
        {!flow && <FilterBox name="flowId" label={t("column.flow")} />}
        <Select
          label={t("logs.level")}
          data={LEVELS}
          allowDeselect={false}
          value={search.level ?? "INFO"}
          onChange={(level) => change({ level: level ?? undefined, page: undefined })}
        />
        <Select
          label={t("home.range")}
          data={RANGES.map((value) => ({ value, label: t(`logs.range.${value}` as Key) }))}
          allowDeselect={false}
          value={search.range ?? "PT24H"}
          onChange={(range) => change({ range: range ?? undefined, page: undefined })}
        />
        <SavedFilters list={flow ? "flowLogs" : "logs"} names={FILTERS} />
      </Group>
      <DataTable
        label={t("nav.logs")}
        query={query}
        columns={flow ? columns.filter(({ id }) => !PLACE.has(id)) : columns}
        rowKey={(row) => `${row.taskRunId} ${row.timestamp} ${row.index}`}
        empty={t("logs.none")}
      />
    </>
  );
}
