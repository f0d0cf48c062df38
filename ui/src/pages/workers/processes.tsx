/** The processes of the last hour: where each runs, what it serves, when it was last heard. */

import { Alert, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Confirm } from "../../design/confirm";
import { type Column, DataTable } from "../../design/data-table";
import { useAct } from "../../design/receipt";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";

type Process = {
  id: string;
  type: string;
  state: string;
  name?: string;
  server: { id: string; hostname: string; version?: string };
  queues?: string[];
  createdAt?: string;
  updatedAt?: string;
};

const columns: Column<Process>[] = [
  { id: "state", title: t("column.state"), cell: (row) => <StateBadge state={row.state} /> },
  { id: "type", title: t("column.type"), cell: (row) => row.type.toLowerCase() },
  { id: "name", title: t("git.name"), cell: (row) => row.name },
  { id: "server", title: t("workers.server"), cell: (row) => row.server.id },
  { id: "queues", title: t("workers.queues"), cell: ({ queues }) => queues?.join(", ") },
  { id: "version", title: t("workers.version"), cell: (row) => row.server.version },
  { id: "since", title: t("column.started"), cell: (row) => <Moment at={row.createdAt} /> },
  { id: "seen", title: t("workers.seen"), cell: (row) => <Moment at={row.updatedAt} /> },
  { id: "do", title: t("column.actions"), cell: (row) => <Drain process={row} /> },
];

const markPath = (name: string) => `/instance/services/drained/${encodeURIComponent(name)}`;
const STALE = [["drained"], ["processes"]];

/** Tells one worker to take nothing new; other processes have nothing to be drained of. */
function Drain({ process }: { process: Process }) {
  const name = `${process.name}@${process.server.hostname}`;
  const drain = useAct({
    act: () => call("PUT", markPath(name)),
    done: () => t("workers.drainDone", { name }),
    stale: STALE,
  });
  if (process.type !== "WORKER" || !process.name || process.state !== "RUNNING") return null;
  return (
    <Confirm
      title={t("workers.drain")}
      text={t("workers.drainText", { name })}
      action={t("workers.drain")}
      onConfirm={() => drain.mutate()}
    >
      {(open) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t("workers.drainOne", { name: process.name ?? "" })}
          loading={drain.isPending}
          onClick={open}
        >
          {t("workers.drain")}
        </Button>
      )}
    </Confirm>
  );
}

export function Processes() {
  const query = usePage<Process>({
    key: ["processes"],
    path: "/instance/services/search",
    everyMs: 5_000,
  });
  return (
    <>
      <Drained />
      <DataTable
        label={t("workers.processes")}
        query={query}
        rowKey={(row) => row.id}
        columns={columns}
        empty={t("workers.noProcesses")}
      />
    </>
  );
}

type Mark = { name: string; since?: string };

/** Workers and hosts that somebody wants to be left alone: what waits for them waits on. */
function Drained() {
  const marks = useQuery({
    queryKey: ["drained"],
    refetchInterval: 10_000,
    retry: false,
    queryFn: ({ signal }) =>
      call<{ drained: Mark[] }>("GET", "/instance/services/drained", { signal }),
  }).data?.drained;
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
