/** Small charts of what tasks measured: one for each figure of a task, over time. */

import { durationText } from "../../design/time";
import { t } from "../../i18n";

export type Entry = {
  taskId: string;
  taskRunId: string;
  name: string;
  type: string;
  value: number;
  timestamp: string;
  tags?: Record<string, string>;
};

const WIDTH = 160;
const HEIGHT = 36;

/** A timer counts milliseconds. */
export const figureText = (type: string, value: number): string =>
  type === "timer" ? durationText(value) : new Intl.NumberFormat("en").format(value);

type Series = { key: string; taskId: string; name: string; type: string; values: number[] };

/** The figures of each task in the order of time; `sum` of counters, else the last, is the head. */
export function seriesOf(entries: readonly Entry[]): Series[] {
  const found = new Map<string, Series>();
  const ordered = [...entries].sort((a, b) => a.timestamp.localeCompare(b.timestamp));
  for (const { taskId, name, type, value } of ordered) {
    const key = `${taskId} ${name}`;
    const series = found.get(key) ?? { key, taskId, name, type, values: [] };
    series.values.push(value);
    found.set(key, series);
  }
  return [...found.values()];
}

export function MetricCharts({ entries }: { entries: readonly Entry[] }) {
  return (
    <ul className="metric-charts panel-body">
      {seriesOf(entries).map((series) => (
        <li key={series.key}>
          <span className="muted">{series.taskId}</span> {series.name}
          <strong>{figureText(series.type, totalOf(series))}</strong>
          <Spark values={series.values} />
          <span className="muted">{t("metrics.values", { count: series.values.length })}</span>
        </li>
      ))}
    </ul>
  );
}

const totalOf = ({ type, values }: Series) =>
  type === "counter" ? values.reduce((sum, value) => sum + value, 0) : (values.at(-1) ?? 0);

/** One bar for each value; the table beneath tells the same in words. */
function Spark({ values }: { values: readonly number[] }) {
  const most = Math.max(...values, 0) || 1;
  const step = WIDTH / values.length;
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      {values.map((value, n) => {
        const height = Math.max(1, (HEIGHT * Math.max(0, value)) / most);
        const x = n * step;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is known by its place in time
            key={n}
            x={x}
            y={HEIGHT - height}
            width={Math.max(1, Math.min(24, step - 1))}
            height={height}
          />
        );
      })}
    </svg>
  );
}
