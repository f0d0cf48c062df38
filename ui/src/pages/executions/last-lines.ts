/** The last lines of a part of a log: what went wrong stands at the end. */

import { call, type Query } from "../../api/client";
import type { Line } from "../../logs/lines";

export type LastLines = { total: number; lines: Line[] };

/** At most `count` lines of those that fit; the server counts them first. */
export async function lastLines(
  executionId: string,
  query: Query,
  count: number,
  signal: AbortSignal,
): Promise<LastLines> {
  const path = `/logs/${executionId}/lines`;
  const head = await call<LastLines>("GET", path, { signal, query: { ...query, count } });
  if (head.total <= count) return head;
  const from = head.total - count;
  return call<LastLines>("GET", path, { signal, query: { ...query, count, from } });
}
