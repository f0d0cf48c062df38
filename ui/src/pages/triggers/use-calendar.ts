/** What the calendar shows: runs that triggers began, and those that schedules will begin. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import type { Trigger } from "../../api/types-more";
import { useUrl } from "../../design/search";
import type { Entry } from "./calendar-days";

/** Most runs and schedules that one picture takes. */
export const MOST_RUNS = 1_000;
const MOST_SCHEDULES = 50;
const MOST_INSTANTS = 200;

/** Executions that have a trigger, whichever: an id begins with nothing at least. */
const TRIGGERED = "/executions/search?filters%5BtriggerId%5D%5BSTARTS_WITH%5D=";

const iso = (at: number) => new Date(at).toISOString();

export function useCalendar(from: number, to: number) {
  const [{ namespace }] = useUrl();
  const past = useQuery({
    queryKey: ["executions", "calendar", from, to, namespace],
    refetchInterval: 15_000,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", TRIGGERED, {
        signal,
        query: {
          namespace,
          startDate: iso(from),
          endDate: iso(to),
          sort: "state.startDate:asc",
          size: MOST_RUNS,
        },
      }),
  });
  const schedules = useQuery({
    queryKey: ["triggers", "calendar", namespace],
    queryFn: ({ signal }) =>
      call<Page<Trigger>>("GET", "/triggers/search", {
        signal,
        query: {
          namespace,
          "filters[nextExecutionDate][GREATER_THAN]": "1970-01-01T00:00:00Z",
          sort: "nextExecutionDate:asc",
          size: MOST_SCHEDULES,
        },
      }),
  });
  const active = (schedules.data?.results ?? []).filter(
    ({ state, trigger }) => !state.disabled && trigger.type.endsWith(".Schedule"),
  );
  const future = useQueries({
    queries: active.map(({ state }) => ({
      queryKey: ["triggers", "next", state.namespace, state.flowId, state.triggerId, to],
      enabled: to > Date.now(),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<string[]>(
          "GET",
          `/triggers/${state.namespace}/${state.flowId}/${state.triggerId}/next`,
          { signal, query: { until: iso(to), limit: MOST_INSTANTS } },
        ),
    })),
  });
  const planned = active.flatMap(({ state }, n) =>
    (future[n]?.data ?? []).map(
      (at): Entry => ({
        at: new Date(at).getTime(),
        flow: state.flowId,
        to: `/main/flows/edit/${state.namespace}/${state.flowId}/triggers`,
      }),
    ),
  );
  return { past, planned };
}

export const entryOf = ({ namespace, flowId, id, state }: Execution): Entry => ({
  at: new Date(state.startDate).getTime(),
  flow: flowId,
  to: `/main/executions/${namespace}/${flowId}/${id}/overview`,
  state: state.current,
});
