/** The workers of the last hour: what each serves and takes, and how it is left alone. */

import { Alert, Button, Group } from "@mantine/core";
import { call } from "../../api/client";
import type { WorkerJob } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { memoryText, servedOf } from "./figures";
import { markPath, nameOf, type Process, STALE, useMarks, useProcesses } from "./use-processes";

export function Workers({ jobs }: { jobs: readonly WorkerJob[] }) {
  const query = useProcesses();
  const used = (row: Process) => jobs.filter(({ worker }) => worker === nameOf(row)).length;
  return (
    <>
      <Drained />
      <Panel title={t("workers.workers")}>
        <Loaded
          query={query}
          isEmpty={({ results }) => workersOf(results).length === 0}
          empty={t("workers.noProcesses")}
        >
          {({ results }) => (
            <SimpleTable<Process>
              label={t("workers.processes")}
              rows={workersOf(results)}
              rowKey={(row) => row.id}
              columns={[
                {
                  id: "state",
                  title: t("column.state"),
                  cell: (row) => <StateBadge state={row.state} />,
                },
                { id: "name", title: t("workers.worker"), cell: nameOf },
                {
                  id: "queues",
                  title: t("workers.queues"),
                  cell: (row) => servedOf(row.queues).queues.join(", "),
                },
                {
                  id: "tags",
                  title: t("workers.tags"),
                  cell: (row) => servedOf(row.queues).tags.join(", ") || "–",
                },
                {
                  id: "slots",
                  title: t("workers.slots"),
                  cell: (row) =>
                    t("workers.slotsUsed", { used: used(row), slots: row.slots ?? "?" }),
                },
                {
                  id: "load",
                  title: t("workers.load"),
                  cell: (row) => row.load?.toFixed(2) ?? "–",
                },
                {
                  id: "memory",
                  title: t("workers.memory"),
                  cell: (row) => memoryText(row.memoryBytes),
                },
                { id: "version", title: t("workers.version"), cell: (row) => row.server.version },
                {
                  id: "since",
                  title: t("column.started"),
                  cell: (row) => <Moment at={row.createdAt} />,
                },
                {
                  id: "seen",
                  title: t("workers.seen"),
                  cell: (row) => <Moment at={row.updatedAt} />,
                },
                { id: "do", title: t("column.actions"), cell: (row) => <Acts process={row} /> },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const workersOf = (rows: readonly Process[]) => rows.filter(({ type }) => type === "WORKER");

/** A worker alone, or all of its machine: either takes nothing new and ends softly. */
function Acts({ process }: { process: Process }) {
  const { hostname } = process.server;
  if (!process.name || process.state !== "RUNNING") return null;
  return (
    <Group gap={4} wrap="nowrap">
      <Drain
        name={nameOf(process)}
        label={t("workers.drainOne", { name: process.name })}
        action={t("workers.drain")}
        text={t("workers.drainText", { name: nameOf(process) })}
      />
      <Drain
        name={hostname}
        label={t("workers.drainAllOf", { host: hostname })}
        action={t("workers.drainHost")}
        text={t("workers.drainHostText", { host: hostname })}
      />
    </Group>
  );
}

type DrainProps = { name: string; label: string; action: string; text: string };

function Drain({ name, label, action, text }: DrainProps) {
  const drain = useAct({
    act: () => call("PUT", markPath(name)),
    done: () => t("workers.drainDone", { name }),
    stale: STALE,
  });
  return (
    <Confirm title={action} text={text} action={action} onConfirm={() => drain.mutate()}>
      {(open) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={label}
          loading={drain.isPending}
          onClick={open}
        >
          {action}
        </Button>
      )}
    </Confirm>
  );
}

/** Workers and hosts that somebody wants to be left alone: what waits for them waits on. */
function Drained() {
  const marks = useMarks().data?.drained;
  const undrain = useAct({
    act: async (name: string) => {
      await call("DELETE", markPath(name));
      return name;
    },
    done: (name) => t("workers.undrainDone", { name }),
    stale: STALE,
  });
  return marks?.map(({ name, since }) => (
    <Alert key={name} color="yellow" title={t("workers.drained", { name })}>
      <p>
        {t("workers.drainedSince")} <Moment at={since} absolute />
      </p>
      <Button variant="default" loading={undrain.isPending} onClick={() => undrain.mutate(name)}>
        {t("workers.undrain")}
      </Button>
    </Alert>
  ));
}
