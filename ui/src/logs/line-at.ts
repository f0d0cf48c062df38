/** Where in a log a moment lies. */

import { call, type Query } from "../api/client";

/** The number of the first line at or after a moment in ISO-8601, among those that a filter leaves. */
export async function lineAt(
  executionId: string,
  filter: Query,
  moment: string,
  signal?: AbortSignal,
): Promise<number> {
  const query = { ...filter, "filters[endDate][LESS_THAN]": moment, count: 0 };
  const path = `/logs/${executionId}/lines`;
  return (await call<{ total: number }>("GET", path, { signal, query })).total;
}
