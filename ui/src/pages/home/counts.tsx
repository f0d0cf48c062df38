/** The figures at the head: how many executions, by how they went. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Begin } from "../../design/begin";
import { Figure } from "../../design/figure";
import { Loaded, Panel } from "../../design/panel";
import { t } from "../../i18n";
import { Durations } from "./durations";
import { since } from "./since";
import { needsSomebody, useBindings } from "./use-bindings";

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
  return (
    <Loaded query={query}>
      {(summary) => (
        <>
          {summary.flows === 0 && (
            <Panel title={t("begin.title")}>
              <div className="panel-body">
                <Begin />
              </div>
            </Panel>
          )}
          <Figures hours={hours} {...summary} />
        </>
      )}
    </Loaded>
  );
}

function Figures({ hours, states, executions }: Summary & { hours: number }) {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (states[name] ?? 0), 0);
  const ended = of("SUCCESS", "WARNING", "FAILED", "KILLED");
  // never rounded up: 100 % is said of a time without any failure only
  const rate = ended ? Math.floor((1000 * of("SUCCESS", "WARNING")) / ended) / 10 : null;
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
      <Drifted />
      <Durations hours={hours} />
    </div>
  );
}

/** Nothing where no repository is followed. */
function Drifted() {
  const bindings = useBindings().data?.results ?? [];
  if (bindings.length === 0) return null;
  const count = bindings.filter(needsSomebody).length;
  return <Figure label={t("home.drifted")} value={count} family="warning" to="/main/git" />;
}
