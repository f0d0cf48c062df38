/** The triggers of a flow, each with when it starts the flow next. */

import { useQueries } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

const DATES = 3;
/** Types that have next dates: of any other the server refuses the question. */
const SCHEDULES = /\.Schedule(OnDates)?$/;

export function NextRuns({ flow: { namespace, id, triggers = [] } }: { flow: Flow }) {
  const dates = useQueries({
    queries: triggers.map((trigger) => ({
      queryKey: ["triggers", namespace, id, trigger.id, "next"],
      enabled: !trigger.disabled && SCHEDULES.test(trigger.type),
      retry: false,
      staleTime: 30_000,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<string[]>("GET", `/triggers/${namespace}/${id}/${trigger.id}/next`, {
          signal,
          query: { limit: DATES },
        }),
    })),
  });
  const rows = triggers.map((trigger, n) => ({ ...trigger, next: dates[n]?.data ?? [] }));
  return (
    <Panel title={t("flow.next")}>
      <SimpleTable
        label={t("flow.next")}
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { id: "id", title: t("nav.triggers"), cell: (row) => row.id },
          {
            id: "type",
            title: t("column.type"),
            cell: ({ type }) => <span className="mono">{type.split(".").at(-1)}</span>,
          },
          {
            id: "next",
            title: t("flow.nextDates"),
            cell: ({ disabled, next }) =>
              disabled
                ? t("flows.disabled")
                : next.map((at, n) => (
                    <span key={at}>
                      {n > 0 && " · "}
                      <Moment at={at} absolute />
                    </span>
                  )),
          },
        ]}
      />
    </Panel>
  );
}
