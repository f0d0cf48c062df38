/** One flow with its source. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";

export const flowKey = (namespace: string, id: string) => ["flow", namespace, id];

export const useFlow = (namespace: string, id: string) =>
  useQuery({
    queryKey: flowKey(namespace, id),
    queryFn: ({ signal }) =>
      call<Flow>("GET", `/flows/${namespace}/${id}`, { signal, query: { source: true } }),
  });
