/** Executions by state over time, as stacked bars; a bar leads to its executions. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { type Family, familyOf, glyphOf, LEGEND, STATES } from "../../design/state";
import { absoluteText } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";
import { endOf, groupOf } from "./buckets";
import { since } from "./since";

type Bucket = { startDate: string; groupBy: string; executionCounts: Record<string, number> };

export function Chart({ hours }: { hours: number }) {
  const [asTable, setAsTable] = useState(false);
  const query = useQuery({
    queryKey: ["daily", hours],
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      call<Bucket[]>("POST", "/stats/executions/daily", {
        signal,
        json: { startDate: since(hours), groupBy: groupOf(hours) },
      }),
  });
  return (
    <Panel title={t("home.chart")}>
      <Loaded query={query}>
        {(buckets) => (
          <>
            {asTable ? <Table buckets={buckets} /> : <Bars buckets={buckets} />}
            <div className="legend">
              {LEGEND.map(([family, state]) => (
                <Link
                  key={family}
                  className="quiet"
                  to={"/main/executions" as never}
                  search={{ state: statesOf(family), from: since(hours) } as never}
                >
                  <i style={{ background: `var(--${family})` }} />
                  {glyphOf(state)} {state}
                </Link>
              ))}
              <Button variant="default" size="compact-xs" onClick={() => setAsTable(!asTable)}>
                {asTable ? t("home.asBars") : t("home.asTable")}
              </Button>
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** All states of a family, as the list of executions filters by them. */
const statesOf = (family: Family) => STATES.filter((state) => familyOf(state) === family).join(",");

function familiesOf(bucket: Bucket): Map<Family, number> {
  const found = new Map<Family, number>();
  for (const [state, count] of Object.entries(bucket.executionCounts)) {
    if (count) found.set(familyOf(state), (found.get(familyOf(state)) ?? 0) + count);
  }
  return found;
}

const sum = (bucket: Bucket) => Object.values(bucket.executionCounts).reduce((a, b) => a + b, 0);

function Bars({ buckets }: { buckets: Bucket[] }) {
  const most = Math.max(1, ...buckets.map(sum));
  const [first, last] = [buckets[0], buckets.at(-1)];
  return (
    <>
      <div className="chart">
        {buckets.map((bucket) => (
          <Bar key={bucket.startDate} bucket={bucket} most={most} />
        ))}
      </div>
      <div className="chart-axis muted">
        {first && <span>{absoluteText(first.startDate, zone()).slice(0, 16)}</span>}
        <span>{t("home.most", { count: most })}</span>
        {last && <span>{absoluteText(last.startDate, zone()).slice(0, 16)}</span>}
      </div>
    </>
  );
}

function Bar({ bucket, most }: { bucket: Bucket; most: number }) {
  const families = familiesOf(bucket);
  const at = absoluteText(bucket.startDate, zone()).slice(0, 16);
  const end = endOf(bucket.startDate, bucket.groupBy);
  const label = t("home.bar", { at, count: sum(bucket) });
  return (
    <Link
      to={"/main/executions" as never}
      search={{ from: bucket.startDate, to: end } as never}
      aria-label={label}
      title={label}
    >
      {LEGEND.map(([family]) => {
        const count = families.get(family);
        if (!count) return null;
        const height = `${(100 * count) / most}%`;
        return <span key={family} style={{ height, background: `var(--${family})` }} />;
      })}
    </Link>
  );
}

function Table({ buckets }: { buckets: Bucket[] }) {
  return (
    <SimpleTable
      label={t("home.chart")}
      rows={buckets.filter((bucket) => sum(bucket) > 0)}
      rowKey={(bucket) => bucket.startDate}
      columns={[
        {
          id: "at",
          title: t("column.started"),
          cell: (bucket) => absoluteText(bucket.startDate, zone()),
        },
        ...LEGEND.map(([family, state]) => ({
          id: family,
          title: state,
          cell: (bucket: Bucket) => familiesOf(bucket).get(family) ?? 0,
        })),
      ]}
    />
  );
}
