/** How long executions took: half of them, 95 of 100, and how that was before. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Durations as Answer } from "../../api/types-more";
import { Figure } from "../../design/figure";
import { durationText } from "../../design/time";
import { type Key, t } from "../../i18n";
import { changeText } from "./buckets";
import { since } from "./since";

export function Durations({ hours }: { hours: number }) {
  const { data } = useQuery({
    queryKey: ["durations", hours],
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      call<Answer>("POST", "/stats/executions/durations", {
        signal,
        json: { startDate: since(hours) },
      }),
  });
  return (["p50", "p95"] as const).map((name) => (
    <Figure
      key={name}
      label={labelOf(name, data)}
      value={data?.current[name] === undefined ? "–" : durationText(data.current[name] * 1000)}
    />
  ));
}

function labelOf(name: "p50" | "p95", data: Answer | undefined): string {
  const label = t(`home.${name}` as Key);
  const before = data?.previous[name];
  if (before === undefined) return label;
  const change = changeText(data?.current[name], before);
  return t("home.before", { label, change, before: durationText(before * 1000) });
}
