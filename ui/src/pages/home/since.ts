/** The beginning of a range of hours, on the minute, so that questions of a minute are one. */

export function since(hours: number): string {
  const minute = 60_000;
  return new Date(Math.ceil(Date.now() / minute) * minute - hours * 60 * minute).toISOString();
}
