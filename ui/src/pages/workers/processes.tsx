/** The processes of the last hour: where each runs, what it serves, when it was last heard. */

import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { type Column, DataTable } from "../../design/data-table";
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
];

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
  return marks?.map(({ name, since }) => (
    <Alert key={name} color="yellow" title={t("workers.drained", { name })}>
      <p>
        {t("workers.drainedSince")} <Moment at={since} absolute />. {t("workers.undrain")}{" "}
        <code>trunkline worker undrain {name}</code>
      </p>
    </Alert>
  ));
}
