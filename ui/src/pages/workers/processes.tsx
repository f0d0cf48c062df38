/** The processes of the last hour: where each runs, what it serves, when it was last heard. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
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

const MOST = 200;

export function Processes() {
  const query = useQuery({
    queryKey: ["processes"],
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<Page<Process>>("GET", "/instance/services/search", { signal, query: { size: MOST } }),
  });
  return (
    <Panel title={t("workers.processes")}>
      <Loaded query={query} isEmpty={({ total }) => total === 0} empty={t("workers.noProcesses")}>
        {({ results }) => (
          <SimpleTable
            label={t("workers.processes")}
            rows={results}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "state",
                title: t("column.state"),
                cell: (row) => <StateBadge state={row.state} />,
              },
              { id: "type", title: t("column.type"), cell: (row) => row.type.toLowerCase() },
              { id: "name", title: t("git.name"), cell: (row) => row.name },
              { id: "server", title: t("workers.server"), cell: (row) => row.server.id },
              {
                id: "queues",
                title: t("workers.queues"),
                cell: ({ queues }) => queues?.join(", "),
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
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
