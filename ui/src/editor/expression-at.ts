/** Where a cursor stands within `{{ … }}` or a value, and so what may be written there. */

export type Asked =
  /** A name after `a.b.`; at the beginning `path` is empty. */
  | { kind: "name"; path: string[]; word: string }
  | { kind: "filter"; word: string }
  /** The first text that a function is given: `secret('…`. */
  | { kind: "argument"; of: string; word: string };

const FILTER = /(^|[^|])\|\s*([A-Za-z_]\w*)?$/;
const ARGUMENT = /\b(\w+)\(\s*['"]([^'"]*)$/;
const NAME = /((?:[A-Za-z_]\w*(?:\['[^']*'\])*\.)*)([A-Za-z_]\w*)?$/;
const PART = /[A-Za-z_]\w*|'([^']*)'/g;

/** The part of an expression before the cursor; null outside of `{{ }}` and `{% %}`. */
export function openExpression(before: string): string | null {
  const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  if (open < 0) return null;
  const inside = before.slice(open + 2);
  return /\}\}|%\}/.test(inside) ? null : inside;
}

/** What may stand at the end of a text that leads to the cursor; null where it is no expression. */
export function askedAt(before: string): Asked | null {
  const inside = openExpression(before);
  if (inside === null) return null;
  const argument = ARGUMENT.exec(inside);
  if (argument) return { kind: "argument", of: argument[1] ?? "", word: argument[2] ?? "" };
  if (isInText(inside)) return null;
  const filter = FILTER.exec(inside);
  if (filter) return { kind: "filter", word: filter[2] ?? "" };
  const name = NAME.exec(inside);
  const path = [...(name?.[1] ?? "").matchAll(PART)].map(([part, quoted]) => quoted ?? part);
  return { kind: "name", path, word: name?.[2] ?? "" };
}

/** Whether a quote is open: what stands there is a text of the expression's own. */
function isInText(inside: string): boolean {
  let quote = "";
  for (const char of inside) {
    if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
  }
  return quote !== "";
}

const VALUE = /^\s*(?:- )?([A-Za-z]\w*):\s+["']?([^"'#]*)$/;

/** The property whose value is being written on a line, and what of it stands before the cursor. */
export function valueAt(before: string): { property: string; word: string } | null {
  const found = VALUE.exec(before);
  return found ? { property: found[1] ?? "", word: found[2] ?? "" } : null;
}
