/** What the schedules start next. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Trigger } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

export function Upcoming() {
  const query = useQuery({
    queryKey: ["triggers", "upcoming"],
    refetchInterval: 30_000,
    queryFn: async ({ signal }) => {
      const found = await call<Page<Trigger>>("GET", "/triggers/search", {
        signal,
        query: {
          "filters[nextExecutionDate][GREATER_THAN]": "1970-01-01T00:00:00Z",
          sort: "nextExecutionDate:asc",
          size: 20,
        },
      });
      return found.results.map((row) => row.state).filter((state) => !state.disabled);
    },
  });
  return (
    <Panel title={t("home.upcoming")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("home.noUpcoming")}>
        {(rows) => (
          <SimpleTable
            label={t("home.upcoming")}
            rows={rows}
            rowKey={(row) => `${row.namespace}/${row.flowId}/${row.triggerId}`}
            columns={[
              {
                id: "next",
                title: t("column.next"),
                cell: (row) => <Moment at={row.nextExecutionDate} />,
              },
              {
                id: "flow",
                title: t("column.flow"),
                cell: (row) => (
                  <Link to={`/main/flows/edit/${row.namespace}/${row.flowId}/overview` as never}>
                    {row.flowId}
                  </Link>
                ),
              },
              { id: "trigger", title: t("column.trigger"), cell: (row) => row.triggerId },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
