/** A page of a list, as the address asks for it. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call, type Query } from "../api/client";
import type { Page } from "../api/types";
import { PAGE_SIZE } from "./data-table";
import { useUrl } from "./search";

type Options = {
  key: readonly unknown[];
  path: string;
  query?: Query;
  everyMs?: number;
  /** Whether to ask at all yet. */
  enabled?: boolean;
};

/** Fetches the page of the address' `page` and `sort`, below `key` in the cache. */
export function usePage<T>({ key, path, query = {}, everyMs, enabled }: Options) {
  const [search] = useUrl();
  const asked: Query = { sort: search.sort, ...query, page: search.page ?? 1, size: PAGE_SIZE };
  return useQuery({
    queryKey: [...key, asked],
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: everyMs,
    queryFn: ({ signal }) => call<Page<T>>("GET", path, { signal, query: asked }),
  });
}
