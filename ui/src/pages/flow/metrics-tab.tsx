/** Figures that the tasks of a flow sent, over the last 30 days. */

import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { absoluteText } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";

type Aggregates = { groupBy: string; aggregations: { value: number; date: string }[] };

const HOW = ["sum", "avg", "min", "max"];

export function MetricsTab({ flow }: { flow: Flow }) {
  const place = `${flow.namespace}/${flow.id}`;
  const names = useQuery({
    queryKey: ["metrics", place, "names"],
    queryFn: ({ signal }) => call<string[]>("GET", `/metrics/names/${place}`, { signal }),
  });
  return (
    <Panel title={t("flow.metrics")}>
      <Loaded query={names} isEmpty={(found) => found.length === 0} empty={t("metrics.none")}>
        {(found) => <Metric place={place} names={found} />}
      </Loaded>
    </Panel>
  );
}

function Metric({ place, names }: { place: string; names: string[] }) {
  const [search, change] = useUrl();
  const name = search.metric ?? names[0] ?? "";
  const how = search.how ?? "sum";
  const query = useQuery({
    queryKey: ["metrics", place, name, how],
    queryFn: ({ signal }) =>
      call<Aggregates>("GET", `/metrics/aggregates/${place}/${encodeURIComponent(name)}`, {
        signal,
        query: { aggregation: how },
      }),
  });
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
          label={t("metrics.how")}
          data={HOW.map((value) => ({ value, label: t(`metrics.${value}` as "metrics.sum") }))}
          allowDeselect={false}
          value={how}
          onChange={(value) => change({ how: value ?? undefined })}
        />
      </Group>
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
                {
                  id: "value",
                  title: t("metrics.value"),
                  cell: ({ value }) => new Intl.NumberFormat("en").format(value),
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

/** A picture of the table beneath it. */
function Bars({ rows }: { rows: Aggregates["aggregations"] }) {
  const most = Math.max(1e-9, ...rows.map(({ value }) => value));
  return (
    <div className="metric-bars" aria-hidden="true">
      {rows.map(({ date, value }) => (
        <span key={date} style={{ height: `${(100 * Math.max(0, value)) / most}%` }} />
      ))}
    </div>
  );
}
