/** The zone that moments are shown in: a habit of the person, the browser's own by default. */

const KEY = "trunkline.zone";

export function zone(): string {
  return localStorage.getItem(KEY) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `null` goes back to the browser's zone. Pages show it from their next render on. */
export function setZone(name: string | null): void {
  if (name === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, name);
}
