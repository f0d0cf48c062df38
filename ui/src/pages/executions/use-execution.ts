/** One execution, kept up to date by the event stream until it has ended. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { PAINT_MS, useTopic } from "../../api/events/use-topic";
import type { Execution } from "../../api/types";
import { hasEnded } from "../../design/state";

/** One with many task runs is asked for less often: its answer is large. */
const LARGE = 500;
const LARGE_EVERY_MS = 2_000;

export const executionKey = (id: string) => ["execution", id];

export function useExecution(id: string) {
  const query = useQuery({
    queryKey: executionKey(id),
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  const isLive = query.data !== undefined && !hasEnded(query.data.state.current);
  const isLarge = (query.data?.taskRunList?.length ?? 0) > LARGE;
  const everyMs = isLarge ? LARGE_EVERY_MS : PAINT_MS;
  useTopic(isLive ? `execution:${id}` : undefined, executionKey(id), everyMs);
  return { query };
}
