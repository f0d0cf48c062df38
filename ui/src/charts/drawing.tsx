/** A chart of a dashboard, drawn; the table beneath its button says the same. */

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { familyOf, isState } from "../design/state";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { type Chart, kindOf, type Row, titleOf } from "./model";
import { type Option, optionOf } from "./option";

/** A token's colour as it is now: a picture knows no variables. */
const token = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export function Drawing({ chart, rows }: { chart: Chart; rows: Row[] }) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    let over = false;
    let stop: (() => void) | undefined;
    void import("./echarts").then(({ init }) => {
      if (over || !place.current) return;
      const drawn = init(place.current, scheme === "dark" ? "dark" : undefined, {
        renderer: "svg",
      });
      const color = (value: string) => (isState(value) ? token(familyOf(value)) : undefined);
      drawn.setOption(settingsOf(chart, optionOf(chart, rows, color)));
      const watcher = new ResizeObserver(() => drawn.resize());
      watcher.observe(place.current);
      stop = () => {
        watcher.disconnect();
        drawn.dispose();
      };
    });
    return () => {
      over = true;
      stop?.();
    };
  }, [chart, rows, scheme]);
  return <div ref={place} className="chart-drawing" role="img" aria-label={titleOf(chart)} />;
}

function settingsOf(chart: Chart, { categories, series, axes }: Option) {
  const isTime = kindOf(chart) === "TimeSeries";
  const text = { color: token("muted"), fontSize: 11 };
  const line = { lineStyle: { color: token("hairline") } };
  const value = { type: "value", axisLabel: text, splitLine: line };
  return {
    backgroundColor: "transparent",
    animation: false,
    color: ["accent", "paused", "warning", "success", "running", "waiting"].map(token),
    tooltip: { trigger: axes === 0 ? "item" : "axis", confine: true },
    legend: { type: "plain", bottom: 0, textStyle: text },
    ...(axes > 0 && {
      grid: { left: 8, right: 8, top: 12, bottom: 36, containLabel: true },
      xAxis: {
        type: "category",
        axisLabel: text,
        axisLine: line,
        data: isTime ? categories.map((at) => absoluteText(at, zone()).slice(0, 16)) : categories,
      },
      yAxis: axes === 2 ? [value, { ...value, splitLine: { show: false } }] : value,
    }),
    series: series.map((one) => ({
      ...one,
      showSymbol: one.data.length === 1,
      barMaxWidth: 48,
      itemStyle: { borderColor: token("surface"), borderWidth: one.type === "line" ? 0 : 1 },
      label: { color: token("text") },
    })),
  };
}
