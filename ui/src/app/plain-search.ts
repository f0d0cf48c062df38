/** The search of an address as plain texts: `size=25`, where the router would write `size=%2225%22`. */

/** What the address asks, by name; of a name that stands more than once all values, with commas between. */
export function parsePlain(search: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    texts[name] = texts[name] === undefined ? value : `${texts[name]},${value}`;
  }
  return texts;
}

/** The same as it stands behind the path, with its question mark; empty when nothing is asked. */
export function writePlain(search: Record<string, unknown>): string {
  const texts = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null) texts.append(name, String(value));
  }
  // signs that may stand in a search as they are, so that a link can be read
  const text = texts.toString().replace(/%(5B|5D|3A|2C|2F)/g, (sign) => decodeURIComponent(sign));
  return text && `?${text}`;
}
