/** The queues: what waits in each, who serves it, and how it is paused. */

import { Alert, Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { WorkQueue } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { durationText, Moment } from "../../design/time";
import { t } from "../../i18n";
import { consumersOf, isHeld, isStuck } from "./figures";
import { useProcesses } from "./use-processes";

const MOST = 500;
const markPath = (name: string) => `/instance/queues/paused/${encodeURIComponent(name)}`;

export function Queues() {
  const query = useQuery({
    queryKey: ["queues"],
    refetchInterval: 3_000,
    queryFn: ({ signal }) =>
      call<Page<WorkQueue>>("GET", "/instance/queues", { signal, query: { size: MOST } }),
  });
  const processes = useProcesses().data?.results;
  const served = (row: WorkQueue) => consumersOf(row.name, processes ?? []);
  return (
    <>
      {query.data?.results.map((row) =>
        isHeld(row) ? (
          <Held key={row.name} queue={row} />
        ) : (
          processes && isStuck(row, served(row).length) && <Stuck key={row.name} queue={row} />
        ),
      )}
      <Panel title={t("workers.queues")}>
        <Loaded query={query}>
          {({ results }) => (
            <SimpleTable<WorkQueue>
              label={t("workers.queue")}
              rows={results}
              rowKey={(row) => row.name}
              columns={[
                { id: "name", title: t("workers.queue"), cell: (row) => <Name queue={row} /> },
                { id: "waiting", title: t("workers.waiting"), cell: (row) => row.waiting },
                { id: "running", title: t("workers.running"), cell: (row) => row.running },
                {
                  id: "oldest",
                  title: t("workers.oldest"),
                  cell: (row) => (row.waiting ? durationText(row.oldestSeconds * 1000) : "–"),
                },
                {
                  id: "pace",
                  title: t("workers.pace"),
                  cell: (row) => row.begunPerMinute.toLocaleString("en"),
                },
                { id: "depth", title: t("workers.depth"), cell: (row) => <Depth queue={row} /> },
                {
                  id: "consumers",
                  title: t("workers.consumers"),
                  cell: (row) => served(row).join(", ") || t("workers.nobody"),
                },
                { id: "do", title: t("column.actions"), cell: (row) => <Act queue={row} /> },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Name({ queue: { name, pausedSince } }: { queue: WorkQueue }) {
  return (
    <Group gap={8} wrap="nowrap">
      {name} {pausedSince && <StateBadge state="PAUSED" />}
    </Group>
  );
}

/** Background work lets other work go first; a broker that tells the sum only has no parts. */
function Depth({ queue: { depth, depthByPriority: parts } }: { queue: WorkQueue }) {
  if (depth === null) return "–";
  return (
    <>
      {depth}
      {parts && parts.background > 0 && (
        <div className="muted">{t("workers.depthParts", parts)}</div>
      )}
    </>
  );
}

function Act({ queue: { name, pausedSince, canBePaused } }: { queue: WorkQueue }) {
  if (pausedSince) return <Resume name={name} />;
  return canBePaused ? <Pause name={name} /> : <span className="muted">–</span>;
}

function Pause({ name }: { name: string }) {
  const pause = useAct({
    act: () => call("PUT", markPath(name)),
    done: () => t("workers.pauseDone", { name }),
    stale: [["queues"]],
  });
  return (
    <Confirm
      title={t("workers.pauseOne", { name })}
      text={t("workers.pauseText", { name })}
      action={t("workers.pause")}
      onConfirm={() => pause.mutate()}
    >
      {(open) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t("workers.pauseOne", { name })}
          loading={pause.isPending}
          onClick={open}
        >
          {t("workers.pause")}
        </Button>
      )}
    </Confirm>
  );
}

function Resume({ name }: { name: string }) {
  const resume = useAct({
    act: () => call("DELETE", markPath(name)),
    done: () => t("workers.resumeDone", { name }),
    stale: [["queues"]],
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t("workers.resumeOne", { name })}
      loading={resume.isPending}
      onClick={() => resume.mutate()}
    >
      {t("workers.resume")}
    </Button>
  );
}

function Stuck({ queue }: { queue: WorkQueue }) {
  return (
    <Alert color="red" title={t("workers.stuck", { queue: queue.name, count: queue.waiting })}>
      <code>trunkline worker --queues {queue.name}</code>
    </Alert>
  );
}

/** Work waits, and a person wants it to: no worker would help. */
function Held({ queue }: { queue: WorkQueue }) {
  return (
    <Alert color="yellow" title={t("workers.held", { queue: queue.name, count: queue.waiting })}>
      {t("workers.pausedSince")} <Moment at={queue.pausedSince} absolute />
    </Alert>
  );
}
