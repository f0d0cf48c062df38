/** Workers with what they run, queues with what waits, and whether the parts of the server answer. */

import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import type { WorkerJob } from "../../api/types-more";
import { Figure } from "../../design/figure";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { durationText } from "../../design/time";
import { t } from "../../i18n";
import { consumersOf, isStuck, type Queue, queuesOf, samplesOf, sumOf } from "./figures";
import { Jobs } from "./jobs";
import { Workers } from "./processes";
import { Services } from "./services";
import { useProcesses } from "./use-processes";

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
            <>
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
              <Queues rows={queuesOf(samples)} />
            </>
          );
        }}
      </Loaded>
      <Workers jobs={jobs} />
      <Jobs jobs={jobs} />
      <Services samples={query.data ?? []} />
      <Flower />
    </Page>
  );
}

function Stuck({ queue }: { queue: Queue }) {
  return (
    <Alert color="red" title={t("workers.stuck", { queue: queue.name, count: queue.waiting })}>
      <code>trunkline worker --queues {queue.name}</code>
    </Alert>
  );
}

function Queues({ rows }: { rows: Queue[] }) {
  const processes = useProcesses().data?.results;
  const served = (row: Queue) => consumersOf(row.name, processes ?? []);
  return (
    <>
      {processes &&
        rows
          .filter((row) => isStuck(row, served(row).length))
          .map((row) => <Stuck key={row.name} queue={row} />)}
      <Panel title={t("workers.queues")}>
        <SimpleTable
          label={t("workers.queue")}
          rows={rows}
          rowKey={(row) => row.name}
          columns={[
            { id: "name", title: t("workers.queue"), cell: (row) => row.name },
            { id: "waiting", title: t("workers.waiting"), cell: (row) => row.waiting },
            { id: "running", title: t("workers.running"), cell: (row) => row.running },
            {
              id: "oldest",
              title: t("workers.oldest"),
              cell: (row) => (row.waiting ? durationText(row.oldest * 1000) : "–"),
            },
            { id: "depth", title: t("workers.depth"), cell: (row) => row.depth },
            {
              id: "consumers",
              title: t("workers.consumers"),
              cell: (row) => served(row).join(", ") || t("workers.nobody"),
            },
          ]}
        />
      </Panel>
    </>
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
