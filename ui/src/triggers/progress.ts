/** How far a backfill is, and which zone a schedule goes by. */

import type { Backfill, Trigger } from "../api/types-more";

/** Whole percents of its time that a backfill has behind it. */
export function percentOf({ start, end, currentDate, order }: Backfill): number {
  const at = (text?: string) => (text ? new Date(text).getTime() : Number.NaN);
  const [from, to, now] = [at(start), at(end), at(currentDate)];
  if (!(to > from) || Number.isNaN(now)) return 0;
  const behind = order === "NEWEST_FIRST" ? to - now : now - from;
  return Math.min(100, Math.max(0, Math.round((behind / (to - from)) * 100)));
}

/** The zone that a schedule names; undefined: it goes by the server's. */
export const zoneOf = ({ trigger }: Trigger): string | undefined => trigger.timezone;

/** `name: value` lines as a map; values are texts, which the server reads as the input's type. */
export function inputsOf(text: string): Record<string, string> {
  const pairs = text
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name, value]) => name?.trim() && value !== undefined)
    .map(([name, ...value]) => [(name ?? "").trim(), value.join(":").trim()]);
  return Object.fromEntries(pairs);
}
