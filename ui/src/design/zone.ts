/** The zone that moments are shown in: a habit of the person, the browser's own by default. */

const KEY = "trunkline.zone";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const formats = new Map<string, Intl.DateTimeFormat>();

export function zone(): string {
  return localStorage.getItem(KEY) ?? own;
}

/** Writes `2026-11-22 09:30:00` of a zone; made once each, since making one costs more than a row. */
export function formatOf(timeZone: string): Intl.DateTimeFormat {
  let found = formats.get(timeZone);
  if (!found) {
    found = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
    formats.set(timeZone, found);
  }
  return found;
}

/** `null` goes back to the browser's zone. Pages show it from their next render on. */
export function setZone(name: string | null): void {
  if (name === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, name);
}

/** The moment that a clock of the zone shows as `2026-03-29T02:30`, as ISO text in UTC. */
export function momentIn(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  const format = formatOf(zone);
  let found = wanted;
  for (let n = 0; n < 2; n++) {
    found += wanted - Date.parse(`${format.format(found).replace(" ", "T")}Z`);
  }
  return new Date(found).toISOString();
}
