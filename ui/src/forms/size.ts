/** A size in bytes, as people say it. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const shown = new Intl.NumberFormat("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
  return `${shown.format(value)} ${UNITS[unit]}`;
}
