/** The zone that moments are shown in: a habit of the person, the browser's own by default. */

import { useEffect, useSyncExternalStore } from "react";
import { look, useLook } from "./look";

export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What the header has switched to for now: UTC, or the trigger's; not kept. */
let switched: string | undefined;
/** The zone of the triggers that the page in view is about. */
let ofTrigger: string | undefined;
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const tell = () => {
  for (const listener of listeners) listener();
};

export const myZone = (): string => look().zone ?? ownZone;
export const zone = (): string => switched ?? myZone();
export const switchZone = (name: string | undefined): void => {
  switched = name;
  tell();
};

/** The zone, and a new paint when it changes. */
export function useZone(): string {
  useLook();
  return useSyncExternalStore(subscribe, zone);
}

export const useTriggerZone = (): string | undefined =>
  useSyncExternalStore(subscribe, () => ofTrigger);

/** A page says whose triggers it is about; the header offers their zone. */
function setTriggerZone(name: string | undefined): void {
  if (ofTrigger === name) return;
  if (switched !== undefined && switched === ofTrigger) switched = undefined;
  ofTrigger = name;
  tell();
}

/** The page is about triggers of this zone, as long as it is in view. */
export function usePageZone(name: string | undefined): void {
  useEffect(() => {
    setTriggerZone(name);
    return () => setTriggerZone(undefined);
  }, [name]);
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

/** The last moment that a field takes: without it Chromium lets a year have six digits. */
export const LAST_MOMENT = "9999-12-31T23:59";

/**
 * The moment that a clock of the zone shows as `2026-03-29T02:30`, as ISO text in UTC. What is no
 * such moment (a year that is half typed, or has five digits) is given as it is, for the server to refuse.
 */
export function momentIn(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  const format = formatOf(zone);
  let found = wanted;
  for (let n = 0; n < 2; n++) {
    if (Number.isNaN(found)) return local;
    const shown = format.format(found).replace(" ", "T").padStart(19, "0");
    found += wanted - Date.parse(`${shown}Z`);
  }
  return Number.isNaN(found) ? local : new Date(found).toISOString();
}
