/** What the schedules start next, those first that should have started already. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Trigger, TriggerState } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { Moment, useNow } from "../../design/time";
import { t } from "../../i18n";
import { isMissed } from "./missed";

export function Upcoming() {
  const now = useNow(15_000);
  const query = useQuery({
    queryKey: ["triggers", "upcoming"],
    refetchInterval: 30_000,
    queryFn: async ({ signal }) => {
      const found = await call<Page<Trigger>>("GET", "/triggers/search", {
        signal,
        query: {
          "filters[nextExecutionDate][GREATER_THAN]": "1970-01-01T00:00:00Z",
          sort: "nextExecutionDate:asc",
          size: 40, // disabled ones among them are left out
        },
      });
      return found.results
        .map((row) => row.state)
        .filter((state) => !state.disabled)
        .slice(0, 20);
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
                cell: (row) => <Next state={row} now={now} />,
              },
              {
                id: "flow",
                title: t("column.flow"),
                cell: (row) => (
                  <Link to={`/main/flows/edit/${row.namespace}/${row.flowId}/triggers` as never}>
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

function Next({ state, now }: { state: TriggerState; now: number }) {
  return (
    <>
      <Moment at={state.nextExecutionDate} />
      {isMissed(state, now) && (
        <>
          {" "}
          <span className="state" style={{ color: "var(--warning-text)" }}>
            <span aria-hidden="true">▲</span> {t("home.missed")}
          </span>
        </>
      )}
    </>
  );
}
