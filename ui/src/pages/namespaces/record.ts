/** The record of a namespace, and what it has from those above it. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { HandedDown, Namespace } from "../../api/types-more";

export const useRecord = (namespace: string) =>
  useQuery({
    queryKey: ["namespace", namespace],
    queryFn: ({ signal }) => call<Namespace>("GET", `/namespaces/${namespace}`, { signal }),
  });

export const useHandedDown = (namespace: string) =>
  useQuery({
    queryKey: ["namespace", namespace, "handedDown"],
    queryFn: ({ signal }) =>
      call<HandedDown>("GET", `/namespaces/${namespace}/handed-down`, { signal }),
  });
