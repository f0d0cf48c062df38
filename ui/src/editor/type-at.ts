/** Which type the cursor of a flow's text stands in. */

import { isMap, LineCounter, type Node, parseDocument, visit } from "yaml";

/** The `type` of the innermost task, trigger or the like that holds a line; null where none does. */
export function typeAt(text: string, line: number): string | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: false });
  let found: string | null = null;
  visit(document, {
    Map(_key, map) {
      const [begin, , end] = (map as Node).range ?? [0, 0, 0];
      if (line < lines.linePos(begin).line || line > lines.linePos(Math.max(begin, end - 1)).line) {
        return visit.SKIP;
      }
      const type = isMap(map) ? map.get("type") : undefined;
      if (typeof type === "string" && type.includes(".")) found = type;
      return undefined;
    },
  });
  return found;
}
