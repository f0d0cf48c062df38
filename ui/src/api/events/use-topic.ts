/** Keeps queries as new as the server: a topic of the one stream says when they are old. */

import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { subscriptions } from "./subscriptions";

/** At most so many paints a second of one thing, and a list is fetched less often than that. */
export const PAINT_MS = 250;
export const LIST_MS = 1_000;

/** Calls `onNews` when a topic has news, and at once; undefined follows nothing. */
export function useNews(topic: string | undefined, onNews: () => void, everyMs: number): void {
  useEffect(() => {
    if (topic) return subscriptions.add(topic, onNews, everyMs);
  }, [topic, onNews, everyMs]);
}

/** `execution:ID`, `log:ID`, `list:executions`, `git`, `workers`; undefined follows nothing. */
export function useTopic(topic: string | undefined, key: QueryKey, everyMs = LIST_MS): void {
  const client = useQueryClient();
  const name = JSON.stringify(key);
  useEffect(() => {
    if (!topic) return;
    const queryKey = JSON.parse(name) as QueryKey;
    return subscriptions.add(topic, () => void client.invalidateQueries({ queryKey }), everyMs);
  }, [client, topic, name, everyMs]);
}
