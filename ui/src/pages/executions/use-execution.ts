/** One execution, kept up to date by its follow stream until it has ended. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../../api/client";
import { follow, type LinkState } from "../../api/stream";
import type { Execution } from "../../api/types";
import { hasEnded } from "../../design/state";

const PAINT_EVERY_MS = 250;

export const executionKey = (id: string) => ["execution", id];

export function useExecution(id: string) {
  const client = useQueryClient();
  const [link, setLink] = useState<LinkState>("live");
  const query = useQuery({
    queryKey: executionKey(id),
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  const isLive = query.data !== undefined && !hasEnded(query.data.state.current);
  useEffect(() => {
    if (!isLive) return;
    let latest: Execution | null = null;
    const paint = setInterval(() => {
      if (!latest) return;
      client.setQueryData(executionKey(id), latest);
      latest = null;
    }, PAINT_EVERY_MS);
    const stop = follow(`/executions/${id}/follow`, {
      onData: (data) => {
        latest = data as Execution;
      },
      onState: setLink,
    });
    return () => {
      stop();
      clearInterval(paint);
      if (latest) client.setQueryData(executionKey(id), latest);
    };
  }, [client, id, isLive]);
  return { query, link: isLive ? link : null };
}
