/** Lines and columns, counted from one, as offsets into a text. */

/** Where a line and column stand; a line that is not there is the end of the text. */
export function offsetOf(text: string, line: number, column: number): number {
  const start = text.split("\n", line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(start + column - 1, endOf(text, line));
}

/** The end of a line, before its line end. */
export const endOf = (text: string, line: number): number =>
  text.split("\n", line).join("\n").length;
