/** The time of a line: as the clock shows it, since the start, or since the line before. */

import { absoluteText, durationText } from "../design/time";
import { zone } from "../design/zone";
import type { Line } from "./lines";

export const TIMES = ["absolute", "relative", "delta"] as const;
export type Times = (typeof TIMES)[number];

/** `start` in ISO-8601; `before` is the line above, where it is there. */
export function timeText(
  times: Times,
  line: Line,
  start: string | undefined,
  before: Line | undefined,
): string {
  if (times === "absolute") return absoluteText(line.timestamp, zone()).slice(11, 19);
  const origin = times === "relative" ? start : before?.timestamp;
  if (!origin) return "";
  const ms = Date.parse(line.timestamp) - Date.parse(origin);
  return `${ms < 0 ? "−" : "+"}${durationText(Math.abs(ms))}`;
}
