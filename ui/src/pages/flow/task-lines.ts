/** Which lines of a flow's text each task and trigger stands on. */

import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";

export type TaskLines = { id: string; first: number; last: number };

/** Outer ones before those within; lines begin at 1. */
export function taskLines(text: string): TaskLines[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const found: TaskLines[] = [];
  visit(document, {
    Map(_key, map, path) {
      const id = map.get("id");
      const [begin, end] = (map as Node).range ?? [0, 0];
      if (path.length < 2 || typeof id !== "string" || !hasType(map)) return;
      found.push({
        id,
        first: lines.linePos(begin).line,
        last: lines.linePos(Math.max(begin, lastOf(text, begin, end))).line,
      });
    },
  });
  return found;
}

const hasType = (map: unknown) => {
  const type = isMap(map) ? map.get("type", true) : undefined;
  return isScalar(type) && String(type.value).includes(".");
};

/** Where a part of a text ends, without the blanks after it. */
function lastOf(text: string, begin: number, end: number): number {
  return begin + text.slice(begin, end).trimEnd().length - 1;
}

/** The innermost task that holds a line. */
export const taskAt = (text: string, line: number): string | undefined =>
  taskLines(text).findLast(({ first, last }) => first <= line && line <= last)?.id;
