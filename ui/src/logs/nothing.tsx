/** Why a log shows nothing, and the way to what there is. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call, type Query } from "../api/client";
import { t } from "../i18n";
import { belowLevel, type Summary } from "./tree";

type Props = {
  executionId: string;
  filter: Query;
  isLive: boolean;
  onLevel: (level: string) => void;
};

export function Nothing({ executionId, filter, isLive, onLevel }: Props) {
  const { minLevel, q, regex, caseSensitive: _case, ...rest } = filter;
  const level = String(minLevel ?? "TRACE");
  const summary = useQuery({
    queryKey: ["logSummary", executionId, rest],
    queryFn: ({ signal }) =>
      call<Summary>("GET", `/logs/${executionId}/summary`, { signal, query: rest }),
  });
  const hidden = summary.data && !q && !regex ? belowLevel(level, summary.data) : [];
  const nearest = hidden[0];
  if (!nearest) {
    const isNarrowed = Object.values(filter).some((value) => value !== undefined);
    if (isNarrowed) return t("logs.empty");
    return t(isLive ? "logs.notYet" : "logs.nothing");
  }
  return (
    <>
      <p>{t("logs.emptyAtLevel", { level, count: nearest.count, below: nearest.level })}</p>
      <Button variant="default" onClick={() => onLevel(nearest.level)}>
        {t("logs.showLevel", { level: nearest.level })}
      </Button>
    </>
  );
}
