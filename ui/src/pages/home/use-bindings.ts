/** The bindings, asked for once for all that Home shows of them. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding } from "../../api/types-more";

export const useBindings = () =>
  useQuery({
    queryKey: ["bindings"],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => call<Page<Binding>>("GET", "/gitops/bindings", { signal }),
  });

/** Where somebody has to decide: what runs is not what Git holds. */
export const needsSomebody = ({ sync }: Binding): boolean =>
  sync === "Drifted" || sync === "Conflict";
