/** What the bytes of a file are: a text, a picture, or neither. */

export const MOST_BYTES = 1_000_000;

/** The text of bytes; null where they are none, or too many. */
export function textOf(bytes: ArrayBuffer): string | null {
  if (bytes.byteLength > MOST_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

const IMAGES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** A picture as an address of itself; null where the name says that it is none. */
export function imageOf(path: string, bytes: ArrayBuffer): string | null {
  const type = IMAGES[path.split(".").at(-1)?.toLowerCase() ?? ""];
  if (!type) return null;
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return `data:${type};base64,${btoa(binary)}`;
}

/** `12 B`, `1.5 kB`, `3 MB` */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
