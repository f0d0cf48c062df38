/** What the list shows beside each flow: its last runs, when its triggers fire, who owns it. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Flow, Page } from "../api/types";
import type { FlowOrigin, RunStrip, Trigger, TriggerState } from "../api/types-more";

export type Last = { id: string; namespace: string; flowId: string; status: string };
type Place = { namespace: string; id: string };

/** One and the same, or what hangs on an answer that is not there yet is drawn again and again. */
const NONE: never[] = [];

const placesOf = (flows: readonly Flow[]): Place[] =>
  flows.map(({ namespace, id }) => ({ namespace, id }));

/** Asks with the flows in view; the old answer stays while a new one comes, none is asked of none. */
function useOfFlows<T>(name: string, flows: readonly Flow[], path: string, everyMs?: number) {
  const places = placesOf(flows);
  return (
    useQuery<T[]>({
      queryKey: ["flows", name, places],
      enabled: places.length > 0,
      retry: false,
      refetchInterval: everyMs,
      placeholderData: (previous) => previous,
      queryFn: ({ signal }) => call("POST", path, { signal, json: places }),
    }).data ?? (NONE as T[])
  );
}

/** The last execution of each flow in view: the one thing that is asked for all the time. */
export const useLast = (flows: readonly Flow[]) =>
  useOfFlows<Last>("last", flows, "/executions/latest", 5_000);

export const useOrigins = (flows: readonly Flow[]) =>
  useOfFlows<FlowOrigin>("origins", flows, "/gitops/origins/flows");

/** Asked anew when one of the flows has run again, not before. */
export function useStrips(flows: readonly Flow[], last: readonly Last[]) {
  const places = placesOf(flows);
  const newest = last.map(({ id, status }) => `${id} ${status}`);
  return (
    useQuery<RunStrip[]>({
      queryKey: ["flows", "strips", places, newest],
      enabled: places.length > 0,
      retry: false,
      placeholderData: (previous) => previous,
      queryFn: ({ signal }) => call("POST", "/executions/strips", { signal, json: places }),
    }).data ?? NONE
  );
}

/** The states of the triggers of the flows in view. */
export function useTriggers(flows: readonly Flow[]): readonly TriggerState[] {
  const having = flows.filter((flow) => (flow.triggers?.length ?? 0) > 0);
  const names = [...new Set(having.map((flow) => flow.id))];
  const spaces = [...new Set(having.map((flow) => flow.namespace))];
  return (
    useQuery<TriggerState[]>({
      queryKey: ["triggers", "ofFlows", names, spaces],
      enabled: names.length > 0,
      retry: false,
      refetchInterval: 60_000,
      placeholderData: (previous) => previous,
      queryFn: async ({ signal }) => {
        const found = await call<Page<Trigger>>("GET", "/triggers/search", {
          signal,
          query: {
            "filters[flowId][IN]": names.join(","),
            "filters[namespace][IN]": spaces.join(","),
            size: 500,
          },
        });
        return found.results.map((row) => row.state);
      },
    }).data ?? NONE
  );
}

/** The one of a list that belongs to a flow. */
export function ofFlow<T extends { namespace: string; flowId?: string; id?: string }>(
  rows: readonly T[],
  { namespace, id }: Flow,
): T | undefined {
  return rows.find((row) => row.namespace === namespace && (row.flowId ?? row.id) === id);
}
