/** How a problem can be mended: the nearest name, a property that is missing, a type's new name. */

import { isMap, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import type { Problem } from "./problems";

/** Lines and columns begin at 1; `endColumn` is the first that stays. */
export type Fix = {
  name: "rename" | "add" | "replace";
  /** What is written. */
  value: string;
  line: number;
  column: number;
  endColumn: number;
  text: string;
};

const ADDABLE = "must not be null";

/** Null where nobody knows what would be right. */
export function fixOf(problem: Problem, text: string): Fix | null {
  const { line, suggestion, path = "" } = problem;
  if (!line) return null;
  if (suggestion) return replaced(problem, line, suggestion, text);
  if (problem.message === ADDABLE) return added(path, text);
  return null;
}

/** A suggestion is of a key, or of the value of a `type`. */
function replaced(problem: Problem, line: number, value: string, text: string): Fix | null {
  const shown = text.split("\n")[line - 1] ?? "";
  const written = /(\btype:\s*["']?)([\w.$]+)/.exec(shown);
  if (problem.path?.split(".").at(-1) === "type" && written) {
    const column = written.index + (written[1] ?? "").length + 1;
    const end = column + (written[2] ?? "").length;
    return { name: "replace", value, line, column, endColumn: end, text: value };
  }
  const { column, endColumn } = problem;
  if (!column || !endColumn) return null;
  return { name: "rename", value, line, column, endColumn, text: value };
}

/** Writes a property below the first one of its map; maps in braces are left to people. */
function added(path: string, text: string): Fix | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const steps = path.match(/[^.[\]]+/g) ?? [];
  const name = steps.pop();
  let node: unknown = document.contents;
  for (const step of steps) {
    node = isSeq(node) ? node.items[Number(step)] : isMap(node) ? node.get(step, true) : null;
  }
  if (!name || !isMap(node) || node.flow) return null;
  const place = ends(node, lines);
  if (!place) return null;
  const { line, column } = place;
  const at = (text.split("\n")[line - 1] ?? "").length + 1;
  const begun = `\n${" ".repeat(column - 1)}${name}: `;
  return { name: "add", value: name, line, column: at, endColumn: at, text: begun };
}

/** The line on which the first property of a map ends, and the column in which its keys begin. */
function ends(map: YAMLMap, lines: LineCounter): { line: number; column: number } | null {
  const first = map.items[0];
  const key = (first?.key as Node | undefined)?.range;
  const value = (first?.value as Node | null)?.range ?? key;
  if (!key || !value) return null;
  return {
    line: lines.linePos(Math.max(value[0], value[1] - 1)).line,
    column: lines.linePos(key[0]).col,
  };
}

/** A text with a fix made. */
export function mended(text: string, fix: Fix): string {
  const lines = text.split("\n");
  const line = lines[fix.line - 1] ?? "";
  lines[fix.line - 1] = line.slice(0, fix.column - 1) + fix.text + line.slice(fix.endColumn - 1);
  return lines.join("\n");
}
