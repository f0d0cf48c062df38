/** Stretches of time of the chart, and how two times compare. */

const MS: Record<string, number> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

/** How fine the bars of a range are, so that there are 50 to 170 of them where that can be. */
export function groupOf(hours: number): string {
  if (hours <= 1) return "minute";
  return hours <= 168 ? "hour" : "day";
}

/** Where a bar ends, in ISO-8601. */
export function endOf(start: string, group: string): string {
  const from = new Date(start);
  if (group === "month") {
    return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1)).toISOString();
  }
  return new Date(from.getTime() + (MS[group] ?? MS.day ?? 0)).toISOString();
}

/** `▲ 20 %`: how a value stands to the one before it; empty where nothing can be compared. */
export function changeText(now: number | undefined, before: number | undefined): string {
  if (now === undefined || !before) return "";
  const percent = Math.round((100 * (now - before)) / before);
  if (percent === 0) return "＝";
  return `${percent > 0 ? "▲" : "▼"} ${Math.abs(percent)} %`;
}
