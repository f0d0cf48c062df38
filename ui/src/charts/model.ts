/** A chart of a dashboard as its YAML says it, and the rows that the server gives for it. */

export type Column = { field?: string; agg?: string; displayName?: string; graphStyle?: string };
export type Chart = {
  id: string;
  type: string;
  content?: string;
  chartOptions?: {
    displayName?: string;
    description?: string;
    column?: string;
    colorByColumn?: string;
    graphStyle?: string;
    numberType?: string;
    width?: number;
  };
  data?: { type?: string; columns?: Record<string, Column> };
};
export type Row = Record<string, string | number | null | undefined>;

export const kindOf = (chart: Chart): string => chart.type.split(".").at(-1) ?? "";
export const titleOf = (chart: Chart): string => chart.chartOptions?.displayName ?? chart.id;

/** Names of the columns that group, and of those that count. */
export function columnsOf(chart: Chart) {
  const all = Object.entries(chart.data?.columns ?? {});
  const names = (wanted: boolean) =>
    all.filter(([, column]) => Boolean(column?.agg) === wanted).map(([name]) => name);
  return { groups: names(false), counts: names(true) };
}

export const labelOf = (chart: Chart, name: string): string =>
  chart.data?.columns?.[name]?.displayName ?? name;
