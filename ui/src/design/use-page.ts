/** A page of a list, as the address asks for it. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call, type Query } from "../api/client";
import { useTopic } from "../api/events/use-topic";
import type { Page } from "../api/types";
import { sizeOf } from "./page-size";
import { useUrl } from "./search";

type Options = {
  key: readonly unknown[];
  path: string;
  query?: Query;
  everyMs?: number;
  /** Of the event stream: says when the page is old, so that nobody has to ask again and again. */
  topic?: string;
  /** Whether to ask at all yet. */
  enabled?: boolean;
  /** Rows that are there stay until they are asked for again; `everyMs` waits for the first. */
  isStill?: boolean;
};

/** Fetches the page of the address' `page`, `size` and `sort`, below `key` in the cache. */
export function usePage<T>({ key, path, query = {}, everyMs, topic, enabled, isStill }: Options) {
  useTopic(topic, key);
  const [search] = useUrl();
  const size = sizeOf(search);
  const asked: Query = { sort: search.sort, page: search.page ?? 1, ...query, size };
  return useQuery<Page<T>>({
    queryKey: [...key, asked],
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: isStill
      ? ({ state }) => state.data?.results.length === 0 && (everyMs ?? false)
      : everyMs,
    refetchOnWindowFocus: !isStill,
    queryFn: ({ signal }) => call<Page<T>>("GET", path, { signal, query: asked }),
  });
}
