/** What a sync of a binding would do: made when it is asked for, then kept. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Sync } from "../../api/types-more";

export function usePlan(binding: string, enabled: boolean) {
  return useQuery({
    queryKey: ["plan", binding],
    enabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => call<Sync>("POST", `/gitops/bindings/${binding}/plan`, { signal }),
  });
}
