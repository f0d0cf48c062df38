/** Values of keys as people type them, and as JSON, which is how they are stored. */

export const TYPES = [
  "STRING",
  "NUMBER",
  "BOOLEAN",
  "JSON",
  "DATE",
  "DATETIME",
  "DURATION",
] as const;
export type KvType = (typeof TYPES)[number];

/** The JSON text of what was typed. Throws a SyntaxError when it is none of its type. */
export function jsonOf(type: KvType, text: string): string {
  switch (type) {
    case "STRING":
      return JSON.stringify(text);
    case "NUMBER": {
      const number = Number(text);
      if (text.trim() === "" || !Number.isFinite(number)) throw new SyntaxError(text);
      return text.trim();
    }
    case "BOOLEAN":
      if (text !== "true" && text !== "false") throw new SyntaxError(text);
      return text;
    case "JSON":
      JSON.parse(text);
      return text;
    default:
      return text.trim();
  }
}

/** How a stored value begins in its field. */
export function textOfValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
