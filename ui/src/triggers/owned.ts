/** Which of the flows whose triggers are switched off in them belong to Git. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../api/client";
import type { FlowOrigin, Trigger } from "../api/types-more";

type OfFlow = { namespace: string; flowId: string };

export const flowKey = ({ namespace, flowId }: OfFlow): string => `${namespace}/${flowId}`;

/** Asks for those only of which a flag is shown; nobody who may not see Git is told of it. */
export function useOwned(rows: readonly Trigger[]): ReadonlySet<string> {
  const off = rows.filter(({ trigger }) => trigger.disabled).map(({ state }) => state);
  const places = [...new Map(off.map((one) => [flowKey(one), one])).values()].map(
    ({ namespace, flowId }) => ({ namespace, id: flowId }),
  );
  const found = useQuery<FlowOrigin[]>({
    queryKey: ["flows", "origins", places],
    enabled: places.length > 0,
    retry: false,
    queryFn: ({ signal }) => call("POST", "/gitops/origins/flows", { signal, json: places }),
  }).data;
  return useMemo(
    () => new Set(found?.map(({ namespace, id }) => flowKey({ namespace, flowId: id }))),
    [found],
  );
}
