/** The figures at the head: how many executions, by how they went. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Figure } from "../../design/figure";
import { Loaded } from "../../design/panel";
import { t } from "../../i18n";
import { since } from "./since";

type Summary = {
  flows: number;
  triggers: number;
  executions: number;
  states: Record<string, number>;
};

export function Counts({ hours }: { hours: number }) {
  const startDate = since(hours);
  const query = useQuery({
    queryKey: ["summary", hours],
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<Summary>("POST", "/stats/summary", { signal, json: { startDate } }),
  });
  return <Loaded query={query}>{(summary) => <Figures {...summary} />}</Loaded>;
}

function Figures({ states, executions, flows }: Summary) {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (states[name] ?? 0), 0);
  const ended = of("SUCCESS", "WARNING", "FAILED", "KILLED");
  const rate = ended ? Math.round((1000 * of("SUCCESS", "WARNING")) / ended) / 10 : null;
  const list = (state: string) => `/main/executions?state=${state}`;
  return (
    <div className="figures">
      <Figure label={t("home.rate")} value={rate === null ? "–" : `${rate} %`} family="success" />
      <Figure label={t("nav.executions")} value={executions} to="/main/executions" />
      <Figure
        label={t("home.running")}
        value={of("RUNNING", "RETRYING", "RESTARTED", "CREATED")}
        family="running"
        to={list("RUNNING")}
      />
      <Figure label={t("home.failed")} value={of("FAILED")} family="failed" to={list("FAILED")} />
      <Figure label={t("home.queued")} value={of("QUEUED")} family="waiting" to={list("QUEUED")} />
      <Figure label={t("nav.flows")} value={flows} to="/main/flows" />
    </div>
  );
}
