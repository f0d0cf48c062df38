/** One chart of a dashboard with its data: drawn, as a table, a number, or a text. */

import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Page } from "../api/types";
import { Markdown } from "../design/markdown";
import { Loaded } from "../design/panel";
import { SimpleTable } from "../design/simple-table";
import { Moment } from "../design/time";
import { t } from "../i18n";
import "./charts.css";
import { Drawing } from "./drawing";
import { type Chart, kindOf, labelOf, type Row, titleOf } from "./model";

type Props = {
  chart: Chart;
  /** What the data hangs on, beside the chart itself. */
  name: readonly unknown[];
  ask: (signal: AbortSignal) => Promise<Page<Row>>;
};

export function ChartPanel({ chart, name, ask }: Props) {
  const kind = kindOf(chart);
  const [asTable, setAsTable] = useState(false);
  const query = useQuery({
    queryKey: ["chart", ...name, chart],
    enabled: kind !== "Markdown",
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: ({ signal }) => ask(signal),
  });
  const isDrawn = ["TimeSeries", "Bar", "Pie"].includes(kind);
  const width = Math.min(12, Math.max(1, chart.chartOptions?.width ?? 6));
  return (
    <section className="panel chart-panel" aria-label={titleOf(chart)} data-width={width}>
      <h2>
        {titleOf(chart)}
        {isDrawn && (
          <Button variant="default" size="compact-xs" onClick={() => setAsTable(!asTable)}>
            {asTable ? t("home.asBars") : t("home.asTable")}
          </Button>
        )}
      </h2>
      {chart.chartOptions?.description && (
        <p className="panel-body muted">{chart.chartOptions.description}</p>
      )}
      {kind === "Markdown" ? (
        <div className="panel-body">
          <Markdown text={chart.content ?? ""} />
        </div>
      ) : (
        <Loaded
          query={query}
          isEmpty={({ results }) => results.length === 0}
          empty={t("dashboard.noData")}
        >
          {({ results }) => <Shown chart={chart} rows={results} asTable={asTable || !isDrawn} />}
        </Loaded>
      )}
    </section>
  );
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** A moment is shown in the person's zone, a number in their way of writing. */
function Cell({ value }: { value: Row[string] }) {
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 2 });
  if (typeof value === "string" && MOMENT.test(value)) return <Moment at={value} absolute />;
  return value;
}

function Shown({ chart, rows, asTable }: { chart: Chart; rows: Row[]; asTable: boolean }) {
  if (kindOf(chart) === "KPI") {
    const value = Number(rows[0]?.value ?? 0);
    const isShare = chart.chartOptions?.numberType === "PERCENTAGE";
    const text = new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value);
    return <p className="kpi">{isShare ? `${text} %` : text}</p>;
  }
  if (!asTable) return <Drawing chart={chart} rows={rows} />;
  const names = Object.keys(chart.data?.columns ?? rows[0] ?? {});
  return (
    <SimpleTable
      label={titleOf(chart)}
      rows={rows.map((row, n) => ({ row, n }))}
      rowKey={({ n }) => String(n)}
      columns={names.map((id) => ({
        id,
        title: labelOf(chart, id),
        cell: ({ row }: { row: Row }) => <Cell value={row[id]} />,
      }))}
    />
  );
}
