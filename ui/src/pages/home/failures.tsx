/** The latest failed executions, one for each flow. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { since } from "./since";

export function Failures({ hours }: { hours: number }) {
  const query = useQuery({
    queryKey: ["failures", hours],
    refetchInterval: 5_000,
    queryFn: async ({ signal }) => {
      const found = await call<Page<Execution>>("GET", "/executions/search", {
        signal,
        query: {
          state: "FAILED",
          startDate: since(hours),
          sort: "state.startDate:desc",
          size: 100,
        },
      });
      return firstOfEach(found.results);
    },
  });
  return (
    <Panel title={t("home.failures")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("home.noFailures")}>
        {(rows) => (
          <SimpleTable
            label={t("home.failures")}
            rows={rows.slice(0, 10)}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "state",
                title: t("column.state"),
                cell: (row) => <StateBadge state={row.state.current} />,
              },
              { id: "flow", title: t("column.flow"), cell: (row) => <Leading row={row} /> },
              { id: "namespace", title: t("column.namespace"), cell: (row) => row.namespace },
              {
                id: "at",
                title: t("column.started"),
                cell: (row) => <Moment at={row.state.startDate} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Leading({ row }: { row: Execution }) {
  const to = `/main/executions/${row.namespace}/${row.flowId}/${row.id}/overview`;
  return <Link to={to as never}>{row.flowId}</Link>;
}

/** The newest execution of each flow, in the order given (newest first). */
export function firstOfEach(rows: readonly Execution[]): Execution[] {
  const seen = new Map<string, Execution>();
  for (const row of rows) {
    const flow = `${row.namespace}/${row.flowId}`;
    if (!seen.has(flow)) seen.set(flow, row);
  }
  return [...seen.values()];
}
