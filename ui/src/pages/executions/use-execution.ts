/** One execution, kept up to date by the event stream until it has ended. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../api/client";
import { PAINT_MS, useNews } from "../../api/events/use-topic";
import type { Execution, Served } from "../../api/types";
import { hasEnded } from "../../design/state";
import { inTurn, markOf, patched } from "./patches";

export const executionKey = (id: string) => ["execution", id];

export function useExecution(id: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: executionKey(id),
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  const isLive = query.data !== undefined && !hasEnded(query.data.state.current);
  const onNews = useMemo(() => inTurn(() => patch(client, id)), [client, id]);
  useNews(isLive ? `execution:${id}` : undefined, onNews, PAINT_MS);
  return { query };
}

/** Asks for what changed since what is here; for all of it where that does not fit together. */
async function patch(client: QueryClient, id: string): Promise<void> {
  const queryKey = executionKey(id);
  const here = client.getQueryData<Execution>(queryKey);
  const since = here && markOf(here);
  const next = since && (await changed(here, since).catch(() => undefined));
  if (client.getQueryData(queryKey) !== here) return patch(client, id); // meanwhile read anew
  if (next) client.setQueryData(queryKey, next);
  else await client.invalidateQueries({ queryKey });
}

async function changed(here: Execution, since: string): Promise<Execution | undefined> {
  const path = `/executions/${here.id}/changes`;
  return patched(here, await call<Served["ExecutionChanges"]>("GET", path, { query: { since } }));
}
