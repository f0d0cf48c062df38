/** Queues with what waits and runs, and whether the parts of the server answer. */

import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import { Figure } from "../../design/figure";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { durationText } from "../../design/time";
import { t } from "../../i18n";
import { type Queue, queuesOf, samplesOf, sumOf } from "./figures";
import { Processes } from "./processes";

const LONG_S = 60;

export default function WorkersPage() {
  const query = useQuery({
    queryKey: ["figures"],
    refetchInterval: 2_000,
    queryFn: async ({ signal }) =>
      samplesOf(await (await send("GET", "//prometheus", { signal })).text()),
  });
  return (
    <Page title={t("workers.title")}>
      <Loaded query={query}>
        {(samples) => {
          const queues = queuesOf(samples);
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
              {queues.filter(isStuck).map((queue) => (
                <Stuck key={queue.name} queue={queue} />
              ))}
              <Queues rows={queues} />
            </>
          );
        }}
      </Loaded>
      <Processes />
      <Health />
      <Flower />
    </Page>
  );
}

const isStuck = (queue: Queue) => queue.waiting > 0 && queue.running === 0 && queue.oldest > LONG_S;

function Stuck({ queue }: { queue: Queue }) {
  return (
    <Alert color="red" title={t("workers.stuck", { queue: queue.name, count: queue.waiting })}>
      <code>trunkline worker --queues {queue.name}</code>
    </Alert>
  );
}

function Queues({ rows }: { rows: Queue[] }) {
  return (
    <Panel title={t("workers.queues")}>
      <SimpleTable
        label={t("workers.queues")}
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
        ]}
      />
    </Panel>
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

type Parts = { status: string; details: Record<string, { status: string }> };

function Health() {
  const query = useQuery({
    queryKey: ["health"],
    refetchInterval: 5_000,
    queryFn: async ({ signal }): Promise<Parts> =>
      (await send("GET", "//health", { signal })).json(),
  });
  return (
    <Panel title={t("workers.services")}>
      <Loaded query={query}>
        {({ details }) => (
          <SimpleTable
            label={t("workers.services")}
            rows={Object.entries(details)}
            rowKey={([name]) => name}
            columns={[
              { id: "name", title: t("workers.service"), cell: ([name]) => name },
              {
                id: "status",
                title: t("column.state"),
                cell: ([, { status }]) => (
                  <strong
                    style={{ color: `var(--${status === "UP" ? "success" : "failed"}-text)` }}
                  >
                    {status === "UP" ? `✓ ${t("workers.up")}` : `✕ ${t("workers.down")}`}
                  </strong>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
