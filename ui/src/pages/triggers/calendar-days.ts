/** Days and hours of a time zone, also of those on which its clock changes. */

const HOUR_MS = 3_600_000;

export type Day = { from: number; to: number; title: string; changes: boolean };
export type Entry = {
  at: number;
  flow: string;
  to: string;
  /** Of a run that was; none for one that is to come. */
  state?: string;
};

type Parts = { year: number; month: number; day: number; hour: number; minute: number };

function partsOf(at: number, zone: string): Parts {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const found = Object.fromEntries(
    format.formatToParts(new Date(at)).map(({ type, value }) => [type, Number(value)]),
  );
  return found as unknown as Parts;
}

/** The hour that a clock of the zone shows. */
export const hourOf = (at: number, zone: string): number => partsOf(at, zone).hour;

/** The first moment of the day, `by` days later, that a moment lies in. */
export function startOfDay(at: number, zone: string, by = 0): number {
  const { year, month, day } = partsOf(at, zone);
  const wanted = Date.UTC(year, month - 1, day + by);
  let found = wanted;
  for (let n = 0; n < 2; n++) {
    const shown = partsOf(found, zone);
    found += wanted - Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  }
  return found;
}

/** Days in a row, the first of which holds a moment. */
export function daysFrom(at: number, count: number, zone: string): Day[] {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
  });
  return Array.from({ length: count }, (_, n) => {
    const from = startOfDay(at, zone, n);
    const to = startOfDay(at, zone, n + 1);
    return { from, to, title: format.format(from), changes: to - from !== 24 * HOUR_MS };
  });
}

/** Entries by `day hour`, each list in the order of time. */
export function byHour(entries: readonly Entry[], days: readonly Day[], zone: string) {
  const found = new Map<string, Entry[]>();
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    const day = days.findIndex(({ from, to }) => entry.at >= from && entry.at < to);
    if (day < 0) continue;
    const key = `${day} ${hourOf(entry.at, zone)}`;
    found.set(key, [...(found.get(key) ?? []), entry]);
  }
  return found;
}
