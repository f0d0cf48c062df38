/** One execution, kept up to date by the event stream until it has ended. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { PAINT_MS, useTopic } from "../../api/events/use-topic";
import type { Execution } from "../../api/types";
import { hasEnded } from "../../design/state";

export const executionKey = (id: string) => ["execution", id];

export function useExecution(id: string) {
  const query = useQuery({
    queryKey: executionKey(id),
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  const isLive = query.data !== undefined && !hasEnded(query.data.state.current);
  useTopic(isLive ? `execution:${id}` : undefined, executionKey(id), PAINT_MS);
  return { query };
}
