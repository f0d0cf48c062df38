/** Figures that the tasks of a flow sent: of one task or of all, and each task's share. */

import { Group, Select } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { absoluteText } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";

type Bucket = { value: number; date: string };
type Aggregates = { groupBy: string; aggregations: Bucket[] };

const HOW = ["sum", "avg", "min", "max"] as const;
const RANGES = ["1", "7", "30", "90"];
const DAY_MS = 86_400_000;

const shown = (value: number) => new Intl.NumberFormat("en").format(value);

export function MetricsTab({ flow }: { flow: Flow }) {
  const place = `${flow.namespace}/${flow.id}`;
  const names = useQuery({
    queryKey: ["metrics", place, "names"],
    queryFn: ({ signal }) => call<string[]>("GET", `/metrics/names/${place}`, { signal }),
  });
  const tasks = useQuery({
    queryKey: ["metrics", place, "tasks"],
    queryFn: ({ signal }) => call<string[]>("GET", `/metrics/tasks/${place}`, { signal }),
  });
  return (
    <Panel title={t("flow.metrics")}>
      <Loaded query={names} isEmpty={(found) => found.length === 0} empty={t("metrics.none")}>
        {(found) => <Metric place={place} names={found} tasks={tasks.data ?? []} />}
      </Loaded>
    </Panel>
  );
}

type Asked = { place: string; task?: string; name: string; how: string; days: number };

/** One question to the server; the range ends with the hour, so that it stays the same for a while. */
const asking = ({ place, task, name, how, days }: Asked) => {
  const end = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  return {
    queryKey: ["metrics", place, task, name, how, days, end],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      call<Aggregates>(
        "GET",
        `/metrics/aggregates/${place}/${task ? `${encodeURIComponent(task)}/` : ""}${encodeURIComponent(name)}`,
        {
          signal,
          query: {
            aggregation: how,
            startDate: new Date(end - days * DAY_MS).toISOString(),
            endDate: new Date(end).toISOString(),
          },
        },
      ),
  };
};

type MetricProps = { place: string; names: string[]; tasks: string[] };

function Metric({ place, names, tasks }: MetricProps) {
  const [search, change] = useUrl();
  const name = search.metric ?? names[0] ?? "";
  const how = search.how ?? "sum";
  const days = Number(search.days ?? "30");
  const query = useQuery(asking({ place, task: search.task, name, how, days }));
  return (
    <>
      <Group className="panel-body" align="end">
        <Select
          label={t("metrics.name")}
          data={names}
          allowDeselect={false}
          value={name}
          onChange={(metric) => change({ metric: metric ?? undefined })}
        />
        <Select
          label={t("metrics.task")}
          placeholder={t("metrics.allTasks")}
          clearable
          data={tasks}
          value={search.task ?? null}
          onChange={(task) => change({ task: task ?? undefined })}
        />
        <Select
          label={t("metrics.how")}
          data={HOW.map((value) => ({ value, label: t(`metrics.${value}`) }))}
          allowDeselect={false}
          value={how}
          onChange={(value) => change({ how: value ?? undefined })}
        />
        <Select
          label={t("metrics.range")}
          data={RANGES.map((value) => ({ value, label: t("metrics.days", { days: value }) }))}
          allowDeselect={false}
          value={String(days)}
          onChange={(value) => change({ days: value ?? undefined })}
        />
      </Group>
      <ByTask place={place} name={name} days={days} tasks={tasks} />
      <Loaded query={query}>
        {({ aggregations }) => (
          <>
            <Bars rows={aggregations} />
            <SimpleTable
              label={name}
              rows={aggregations.filter(({ value }) => value !== 0)}
              rowKey={(row) => row.date}
              columns={[
                {
                  id: "at",
                  title: t("column.time"),
                  cell: ({ date }) => absoluteText(date, zone()),
                },
                { id: "value", title: t("metrics.value"), cell: ({ value }) => shown(value) },
              ]}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

const MOST_TASKS = 12;

/** The sum of each task over the range, of those that sent it. */
function ByTask({ place, name, days, tasks }: ByTaskProps) {
  const few = tasks.slice(0, MOST_TASKS);
  const sums = useQueries({
    queries: few.map((task) => asking({ place, task, name, how: "sum", days })),
  });
  const rows = few.flatMap((task, n) => {
    const sum = sums[n]?.data?.aggregations.reduce((all, { value }) => all + value, 0) ?? 0;
    return sum === 0 ? [] : [{ task, sum }];
  });
  if (rows.length < 2) return null;
  return (
    <SimpleTable
      label={t("metrics.byTask")}
      rows={rows}
      rowKey={({ task }) => task}
      columns={[
        { id: "task", title: t("metrics.task"), cell: ({ task }) => task },
        { id: "sum", title: t("metrics.sum"), cell: ({ sum }) => shown(sum) },
      ]}
    />
  );
}

type ByTaskProps = { place: string; name: string; days: number; tasks: string[] };

/** A picture of the table beneath it. */
function Bars({ rows }: { rows: Bucket[] }) {
  const most = Math.max(1e-9, ...rows.map(({ value }) => value));
  return (
    <div className="metric-bars" aria-hidden="true">
      {rows.map(({ date, value }) => (
        <span key={date} style={{ height: `${(100 * Math.max(0, value)) / most}%` }} />
      ))}
    </div>
  );
}
