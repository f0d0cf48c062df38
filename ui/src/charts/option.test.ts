import { expect, test } from "vitest";
import type { Chart } from "./model";
import { optionOf } from "./option";

const PACKAGE = "io.kestra.plugin.core.dashboard.chart.";
const columns = {
  date: { field: "START_DATE" },
  state: { field: "STATE" },
  total: { agg: "COUNT" },
  duration: { agg: "SUM", displayName: "Duration", graphStyle: "LINES" },
};
const color = (value: string) => (value === "FAILED" ? "red" : undefined);

test("a series in time stacks its states and draws a line on an axis of its own", () => {
  const chart: Chart = {
    id: "a",
    type: `${PACKAGE}TimeSeries`,
    chartOptions: { column: "date", colorByColumn: "state" },
    data: { columns },
  };
  const rows = [
    { date: "2", state: "FAILED", total: 1, duration: 5 },
    { date: "1", state: "SUCCESS", total: 3, duration: 2 },
    { date: "2", state: "SUCCESS", total: 4, duration: 1 },
  ];

  const { categories, series, axes } = optionOf(chart, rows, color);

  expect(categories).toEqual(["1", "2"]);
  expect(series.map(({ name, data, color: of }) => [name, data, of])).toEqual([
    ["FAILED", [0, 1], "red"],
    ["SUCCESS", [3, 4], undefined],
    ["Duration", [2, 6], undefined],
  ]);
  expect(axes).toBe(2);
});

test("bars keep the server's order and stack by what remains", () => {
  const chart: Chart = {
    id: "a",
    type: `${PACKAGE}Bar`,
    data: { columns: { namespace: { field: "NAMESPACE" }, total: { agg: "COUNT" } } },
  };
  const rows = [
    { namespace: "z", total: 9 },
    { namespace: "a", total: 1 },
  ];

  const { categories, series } = optionOf(chart, rows, color);

  expect(categories).toEqual(["z", "a"]);
  expect(series[0]?.data).toEqual([9, 1]);
});

test("a pie has a slice for each row", () => {
  const chart: Chart = {
    id: "a",
    type: `${PACKAGE}Pie`,
    data: { columns: { state: { field: "STATE" }, total: { agg: "COUNT" } } },
  };

  const { series } = optionOf(chart, [{ state: "FAILED", total: 2 }], color);

  expect(series[0]?.data).toEqual([{ name: "FAILED", value: 2, itemStyle: { color: "red" } }]);
});
