/** A body as people read it: JSON with line breaks, anything else (and JSON that was cut) as it came. */

export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
