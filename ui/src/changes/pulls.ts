/** Pull requests as the Git host told of them. */

import { useQueries } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Page, Served } from "../api/types";
import type { Change } from "../api/types-more";

export type Pull = Served["GitPull"];

/** Finds the pull request of a change; `everyMs` says how often it is asked for again. */
export function usePulls(
  changes: readonly Change[],
  everyMs?: number,
): (change: Change) => Pull | undefined {
  const bindings = [
    ...new Set(changes.filter(({ number }) => number).map(({ bindingId }) => bindingId)),
  ];
  const found = useQueries({
    queries: bindings.map((id) => ({
      queryKey: ["pulls", id],
      retry: false,
      refetchInterval: everyMs ?? (false as const),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<Page<Pull>>("GET", `/gitops/bindings/${id}/pulls`, { signal }),
    })),
  });
  return ({ bindingId, number }) =>
    found[bindings.indexOf(bindingId)]?.data?.results.find((one) => one.number === number);
}

/** The words for where a pull request is. */
export const pullText = (pull: Pull | undefined) =>
  pull ? (pull.isOpen ? "git.pullOpen" : "git.pullClosed") : "git.pullUnknown";
