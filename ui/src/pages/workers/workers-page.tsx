/** Workers with what they run, queues with what waits, and whether the parts of the server answer. */

import { useQuery } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import type { WorkerJob } from "../../api/types-more";
import { Figure } from "../../design/figure";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { t } from "../../i18n";
import { samplesOf, sumOf } from "./figures";
import { Jobs } from "./jobs";
import { Workers } from "./processes";
import { Queues } from "./queues";
import { Services } from "./services";

const MOST_JOBS = 1_000;

export default function WorkersPage() {
  const query = useQuery({
    queryKey: ["figures"],
    refetchInterval: 2_000,
    queryFn: async ({ signal }) =>
      samplesOf(await (await send("GET", "//prometheus", { signal })).text()),
  });
  const jobs =
    useQuery({
      queryKey: ["jobs"],
      refetchInterval: 2_000,
      queryFn: ({ signal }) =>
        call<ResultPage<WorkerJob>>("GET", "/instance/jobs", {
          signal,
          query: { size: MOST_JOBS },
        }),
    }).data?.results ?? [];
  return (
    <Page title={t("workers.title")}>
      <Loaded query={query}>
        {(samples) => {
          const figure = (name: string) => sumOf(samples, name) ?? 0;
          return (
            <div className="figures">
              <Figure
                label={t("workers.live")}
                value={figure("trunkline_executions_live")}
                family="running"
              />
              <Figure label={t("workers.overdue")} value={figure("trunkline_timers_overdue")} />
              <Figure label={t("workers.expired")} value={figure("trunkline_leases_expired")} />
              <Figure
                label={t("workers.stranded")}
                value={figure("trunkline_executions_stranded")}
                family="failed"
              />
            </div>
          );
        }}
      </Loaded>
      <Queues />
      <Workers jobs={jobs} />
      <Jobs jobs={jobs} />
      <Services samples={query.data ?? []} />
      <Flower />
    </Page>
  );
}

/** The way to Flower, which shows single workers: it asks for a password of its own. */
function Flower() {
  const query = useQuery({
    queryKey: ["configs"],
    queryFn: () => call<{ flowerUrl?: string }>("GET", "/configs"),
  });
  return (
    <Panel title={t("workers.flower")}>
      <p className="panel-body">
        {query.data?.flowerUrl ? (
          <a href={query.data.flowerUrl} target="_blank" rel="noreferrer">
            {t("workers.flowerOpen")}
          </a>
        ) : (
          t("workers.flowerLead")
        )}
      </p>
    </Panel>
  );
}
