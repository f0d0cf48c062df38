/** What a list finds, spread over time: stacked bars above the list, which fold; a bar narrows it. */

import { ActionIcon, Button, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { call, type Query } from "../api/client";
import { Loaded } from "../design/panel";
import { useHabit, usePreferences } from "../design/preferences";
import { SimpleTable } from "../design/simple-table";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import "./histogram.css";

type Bar = { at: string; counts: Record<string, number> };
type Found = { startDate: string; endDate: string; stepMs: number; bars: Bar[] };

/** One part of a bar: what it counts together, its colour and its name. */
export type Series = { names: readonly string[]; fill: string; title: string };

type Props = {
  title: string;
  /** Under which name it is kept whether the chart is folded. */
  list: string;
  path: string;
  query: Query;
  series: readonly Series[];
  onRange: (from: string, to: string) => void;
};

const BARS = 60;

export function Histogram(props: Props) {
  const { title, list } = props;
  const isFolded = usePreferences().folded?.[list] ?? false;
  const fold = useHabit("folded", list);
  const Arrow = isFolded ? ChevronRight : ChevronDown;
  return (
    <section className="panel" aria-label={title}>
      <Group className="histogram-head" gap={8}>
        <ActionIcon
          variant="subtle"
          aria-expanded={!isFolded}
          aria-label={t(isFolded ? "chart.show" : "chart.hide", { title })}
          onClick={() => fold(() => !isFolded)}
        >
          <Arrow size={14} aria-hidden="true" />
        </ActionIcon>
        <h2>{title}</h2>
      </Group>
      {!isFolded && <Body {...props} />}
    </section>
  );
}

function Body({ title, path, query, series, onRange }: Props) {
  const [asTable, setAsTable] = useState(false);
  const found = useQuery({
    queryKey: ["histogram", path, query],
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: ({ signal }) => call<Found>("GET", path, { signal, query: { ...query, bars: BARS } }),
  });
  return (
    <Loaded query={found} rows={2}>
      {(data) => (
        <div className="panel-body">
          {asTable ? (
            <Table title={title} found={data} series={series} />
          ) : (
            <Bars found={data} series={series} onRange={onRange} />
          )}
          <div className="histogram-legend">
            {series.map(({ title: name, fill }) => (
              <span key={name}>
                <i style={{ background: fill }} />
                {name}
              </span>
            ))}
            <Button variant="default" size="compact-xs" onClick={() => setAsTable(!asTable)}>
              {asTable ? t("home.asBars") : t("home.asTable")}
            </Button>
          </div>
        </div>
      )}
    </Loaded>
  );
}

const countOf = ({ counts }: Bar, { names }: Series) =>
  names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);

const minuteOf = (moment: string | number) =>
  absoluteText(new Date(moment).toISOString(), zone()).slice(0, 16);

function Bars({ found, series, onRange }: { found: Found } & Pick<Props, "series" | "onRange">) {
  const { bars, stepMs } = found;
  const sums = bars.map((bar) => series.reduce((sum, one) => sum + countOf(bar, one), 0));
  const most = Math.max(1, ...sums);
  return (
    <>
      <div className="histogram">
        {bars.map((bar, n) => {
          const end = Date.parse(bar.at) + stepMs;
          const count = sums[n] ?? 0;
          const label = t("chart.bar", { from: minuteOf(bar.at), to: minuteOf(end), count });
          if (count === 0) return <span key={bar.at} className="histogram-bar" title={label} />;
          return (
            <button
              key={bar.at}
              type="button"
              className="histogram-bar"
              aria-label={label}
              title={label}
              onClick={() => onRange(bar.at, new Date(end).toISOString())}
            >
              {series.map((one) => {
                const height = `${(100 * countOf(bar, one)) / most}%`;
                return <i key={one.title} style={{ height, background: one.fill }} />;
              })}
            </button>
          );
        })}
      </div>
      <div className="histogram-axis muted">
        <span>{minuteOf(found.startDate)}</span>
        <span>{t("home.most", { count: most })}</span>
        <span>{minuteOf(found.endDate)}</span>
      </div>
    </>
  );
}

function Table({ title, found, series }: { found: Found } & Pick<Props, "title" | "series">) {
  return (
    <SimpleTable
      label={title}
      rows={found.bars.filter((bar) => series.some((one) => countOf(bar, one) > 0))}
      rowKey={({ at }) => at}
      columns={[
        { id: "at", title: t("column.time"), cell: ({ at }: Bar) => absoluteText(at, zone()) },
        ...series.map((one) => ({
          id: one.title,
          title: one.title,
          cell: (bar: Bar) => countOf(bar, one),
        })),
      ]}
    />
  );
}
