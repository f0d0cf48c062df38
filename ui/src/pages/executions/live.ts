/** Rows that stay where they are read: those in view follow their executions, new ones announce themselves. */

import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, type Query } from "../../api/client";
import { useTopic } from "../../api/events/use-topic";
import type { Execution, Page } from "../../api/types";
import { hasEnded } from "../../design/state";

/** How many rows are asked for by their ids: an address has its limits. */
const MOST_FOLLOWED = 100;

type Options = {
  query: UseQueryResult<Page<Execution>>;
  /** The filter in the server's words. */
  filter: Query;
  /** The newest are in view, the newest first. */
  isHead: boolean;
};

/** The page with the states of now, and how many executions are newer than the first of it. */
export function useLive({ query, filter, isHead }: Options) {
  useTopic("list:executions", ["executionsNow"]);
  useTopic("list:executions", ["executionsNew"]);
  const page = query.data;
  const waiting = useMemo(() => running(page), [page]);
  const patches = useQuery({
    queryKey: ["executionsNow", waiting],
    enabled: waiting.length > 0,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", {
        signal,
        query: { "filters[id][IN]": waiting.join(","), size: waiting.length },
      }),
  });
  const newest = page?.results[0]?.id;
  const isAsked = isHead && newest !== undefined && !query.isPlaceholderData;
  const since: Query = { ...filter, newerThan: newest };
  const news = useQuery({
    queryKey: ["executionsNew", since],
    enabled: isAsked,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", { signal, query: { ...since, size: 1 } }),
  });
  const shown = useMemo(() => patched(page, patches.data?.results), [page, patches.data]);
  return {
    query: { ...query, data: shown } as UseQueryResult<Page<Execution>>,
    added: isAsked ? (news.data?.total ?? 0) : 0,
  };
}

/** The ids of the rows that may still change by themselves. */
export function running(page: Page<Execution> | undefined): string[] {
  const rows = page?.results.filter(({ state }) => !hasEnded(state.current)) ?? [];
  return rows.slice(0, MOST_FOLLOWED).map(({ id }) => id);
}

/** The same rows in the same order; those that are told anew as they are now. */
export function patched(
  page: Page<Execution> | undefined,
  now: readonly Execution[] | undefined,
): Page<Execution> | undefined {
  if (!page || !now || now.length === 0) return page;
  const byId = new Map(now.map((execution) => [execution.id, execution]));
  return { ...page, results: page.results.map((row) => byId.get(row.id) ?? row) };
}

/** How long the longest in view took or has been going on, in milliseconds. */
export function longestOf(page: Page<Execution> | undefined, now: number): number {
  const times = page?.results.map(({ state: { startDate, endDate } }) =>
    startDate ? (endDate ? Date.parse(endDate) : now) - Date.parse(startDate) : 0,
  );
  return Math.max(1, ...(times ?? []));
}

/** From how many rows on pages are turned by key: the thousandth page costs what the first does. */
const MOST_BY_NUMBER = 10_000;

type Place = { page: number; size: number; isBeside: boolean; isSorted: boolean };

/** Where the rows before and after are, once they are too far back for page numbers. */
export function turnsOf(rows: readonly Execution[], { page, size, isBeside, isSorted }: Place) {
  if (isSorted || (!isBeside && page * size < MOST_BY_NUMBER)) return undefined;
  const [first, last] = [rows[0], rows.at(-1)];
  const older = rows.length === size && last;
  const newer = isBeside
    ? { newer: first?.id, older: undefined, page: undefined }
    : { page: String(page - 1) };
  return {
    isDeep: isBeside,
    newer: first ? newer : { newer: undefined, older: undefined, page: undefined },
    older: older ? { older: last.id, newer: undefined, page: undefined } : null,
  };
}
