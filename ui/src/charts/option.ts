/** What ECharts draws for a chart of a dashboard: pure reckoning. */

import { type Chart, columnsOf, kindOf, labelOf, type Row } from "./model";

export type Series = {
  name: string;
  type: "bar" | "line" | "pie";
  stack?: string;
  yAxisIndex?: number;
  color?: string;
  radius?: string | [string, string];
  data: (number | null | { name: string; value: number; itemStyle?: { color: string } })[];
};
export type Option = { categories: string[]; series: Series[]; axes: number };

const numberOf = (value: Row[string]) => (typeof value === "number" ? value : Number(value ?? 0));
const different = (rows: Row[], name: string) => [
  ...new Set(rows.map((row) => String(row[name] ?? ""))),
];

/** `colorOf` gives the colour of a state; undefined leaves the choice to the palette. */
export function optionOf(
  chart: Chart,
  rows: Row[],
  colorOf: (value: string) => string | undefined,
): Option {
  const { groups, counts } = columnsOf(chart);
  const options = chart.chartOptions ?? {};
  if (kindOf(chart) === "Pie") return pieOf(chart, rows, groups, counts, colorOf);
  const across = options.column ?? groups[0] ?? "";
  const by = options.colorByColumn ?? groups.find((name) => name !== across);
  const categories = different(rows, across).sort(
    kindOf(chart) === "TimeSeries" ? undefined : () => 0,
  );
  const sumOf = (part: Row[], category: string, count: string) =>
    part
      .filter((row) => String(row[across] ?? "") === category)
      .reduce((sum, row) => sum + numberOf(row[count]), 0);
  const line = (count: string): Series => ({
    name: labelOf(chart, count),
    type: "line",
    yAxisIndex: counts.length > 1 ? 1 : 0,
    data: categories.map((category) => sumOf(rows, category, count)),
  });
  const bars = (count: string): Series[] =>
    (by ? different(rows, by) : [undefined]).map((part) => {
      const fitting = part === undefined ? rows : rows.filter((r) => String(r[by ?? ""]) === part);
      return {
        name: part ?? labelOf(chart, count),
        type: "bar",
        stack: count,
        yAxisIndex: 0,
        color: part === undefined ? undefined : colorOf(part),
        data: categories.map((category) => sumOf(fitting, category, count)),
      };
    });
  const isLine = (count: string) => chart.data?.columns?.[count]?.graphStyle === "LINES";
  const series = counts.flatMap((count) => (isLine(count) ? [line(count)] : bars(count)));
  return { categories, series, axes: series.some(({ yAxisIndex }) => yAxisIndex === 1) ? 2 : 1 };
}

function pieOf(
  chart: Chart,
  rows: Row[],
  groups: string[],
  counts: string[],
  colorOf: (value: string) => string | undefined,
): Option {
  const [group = "", count = ""] = [groups[0], counts[0]];
  const data = rows.map((row) => {
    const name = String(row[group] ?? "");
    const color = colorOf(name);
    return { name, value: numberOf(row[count]), ...(color ? { itemStyle: { color } } : {}) };
  });
  const isDonut = chart.chartOptions?.graphStyle !== "PIE";
  const radius: Series["radius"] = isDonut ? ["45%", "70%"] : "70%";
  return {
    categories: [],
    series: [{ name: labelOf(chart, count), type: "pie", radius, data }],
    axes: 0,
  };
}
