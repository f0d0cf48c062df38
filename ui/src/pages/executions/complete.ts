/** What may stand at the caret of an expression: names of the execution, functions, filters. */

export type Completion = { from: number; options: string[] };

const MOST = 12;
const NAME = /^[A-Za-z_]\w*$/;
const FILTER = /(?:^|[^|])\|\s*(\w*)$/;
const PATH = /([A-Za-z_]\w*(?:\.\w+|\['[^']*'\])*)(\.)(\w*)$/;
const WORD = /(?:^|[^\w.'\]])(\w*)$/;
const STEP = /\['([^']*)'\]|\w+/g;

type Known = { scope: Record<string, unknown>; functions: string[]; filters: string[] };

/** Nothing outside of `{{ }}`. `from` is where the text begins that an option takes the place of. */
export function completionAt(text: string, caret: number, known: Known): Completion {
  const before = text.slice(0, caret);
  const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  const inside = open < 0 ? "" : before.slice(open + 2);
  if (open < 0 || /\}\}|%\}/.test(inside)) return { from: caret, options: [] };
  const filter = FILTER.exec(inside);
  if (filter) return fitting(caret, filter[1] ?? "", known.filters);
  const path = PATH.exec(inside);
  if (path) return below(caret, path[1] ?? "", path[3] ?? "", known.scope);
  const word = WORD.exec(inside)?.[1];
  if (word === undefined) return { from: caret, options: [] };
  return fitting(caret, word, [
    ...Object.keys(known.scope),
    ...known.functions.map((f) => `${f}(`),
  ]);
}

function fitting(caret: number, word: string, options: readonly string[]): Completion {
  const wanted = word.toLowerCase();
  const found = options.filter((one) => one.toLowerCase().startsWith(wanted) && one !== word);
  return { from: caret - word.length, options: found.slice(0, MOST) };
}

/** The keys of what a path leads to; one that is no name stands in brackets, in place of the dot. */
function below(caret: number, path: string, word: string, scope: unknown): Completion {
  let at = scope;
  for (const [part, quoted] of path.matchAll(STEP)) {
    at = (at as Record<string, unknown> | null | undefined)?.[quoted ?? part];
  }
  const keys = typeof at === "object" && at !== null && !Array.isArray(at) ? Object.keys(at) : [];
  const { options } = fitting(caret, word, keys);
  const shown = options.map((key) => (NAME.test(key) ? `.${key}` : `['${key}']`));
  return { from: caret - word.length - 1, options: shown };
}

/** The number of the line that an error tells, counted from 1. */
export function lineOf(error: string): number | undefined {
  const found = /\bat line (\d+)\)?$/.exec(error);
  return found ? Number(found[1]) : undefined;
}
