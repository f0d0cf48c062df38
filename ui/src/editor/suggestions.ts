/** What may be written at a place of a flow's text; the names come from the text and from the server. */

import { askedAt, valueAt } from "./expression-at";
import { type FlowNames, namesOf } from "./flow-names";

export type Suggestion = {
  label: string;
  detail?: string;
  /** What is written; `$0` in it is where the cursor goes. */
  insert: string;
  /** How many characters before the cursor it takes the place of. */
  over: number;
  kind: "name" | "function" | "value";
};

/** What only the server knows; each answers nothing where it may not be asked. */
export type Known = {
  functions: () => Promise<{ name: string; arguments: string[] }[]>;
  filters: () => Promise<string[]>;
  outputsOf: (type: string) => Promise<string[]>;
  secrets: (namespace: string) => Promise<string[]>;
  keys: (namespace: string) => Promise<string[]>;
  files: (namespace: string) => Promise<string[]>;
  flows: (namespace: string) => Promise<string[]>;
  namespaces: () => Promise<string[]>;
};

/** The lines before the cursor, the last of them up to it. */
type Before = readonly string[];

/** Null where the schema of the language knows better. */
export async function suggestionsAt(
  before: Before,
  text: string,
  known: Known,
): Promise<Suggestion[] | null> {
  const line = before.at(-1) ?? "";
  const asked = askedAt(expressionText(before));
  if (!asked) return values(before, line, text, known);
  const names = namesOf(text);
  if (asked.kind === "filter") return all(await known.filters(), asked.word, "function");
  if (asked.kind === "argument") {
    return all(await argumentsOf(asked.of, names, known), asked.word, "value");
  }
  if (asked.path.length === 0) return roots(asked.word, known);
  const found = await namesBelow(asked.path, names, known);
  return found.map((name) => below(name, asked.word));
}

/** An expression may be spread over lines: those since the last one that holds its beginning. */
function expressionText(before: Before): string {
  const MOST = 30;
  return before.slice(-MOST).join("\n");
}

const ROOTS: Record<string, string[]> = {
  flow: ["id", "namespace", "revision", "tenantId"],
  execution: ["id", "startDate", "state", "originalId", "outputs"],
  taskrun: ["id", "value", "iteration", "startDate", "attemptsCount", "parentId"],
  task: ["id", "type"],
  item: ["value", "index", "key", "parent"],
};
const OWN = ["inputs", "outputs", "vars", "labels", "trigger"];

async function roots(word: string, known: Known): Promise<Suggestion[]> {
  const calls = (await known.functions()).map(
    (one): Suggestion => ({
      label: one.name,
      detail: `(${one.arguments.join(", ")})`,
      insert: one.arguments.length > 0 ? `${one.name}($0)` : `${one.name}()`,
      over: word.length,
      kind: "function",
    }),
  );
  return [...all([...OWN, ...Object.keys(ROOTS)], word, "name"), ...calls];
}

async function namesBelow(path: string[], names: FlowNames, known: Known): Promise<string[]> {
  const [root = "", one] = path;
  if (path.length === 1) {
    if (root === "inputs") return names.inputs;
    if (root === "vars") return names.vars;
    if (root === "labels") return names.labels;
    if (root === "outputs") return names.tasks.map(({ id }) => id);
    if (root === "trigger") return outputsOf(names.triggers, known);
    return ROOTS[root] ?? [];
  }
  if (root !== "outputs" || path.length !== 2) return [];
  return outputsOf(
    names.tasks.filter(({ id }) => id === one),
    known,
  );
}

async function outputsOf(things: { type: string }[], known: Known): Promise<string[]> {
  const types = [...new Set(things.map(({ type }) => type))];
  return [...new Set((await Promise.all(types.map(known.outputsOf))).flat())];
}

const FILE_ARGUMENT = new Set(["read", "fileExists", "fileSize", "fileURI", "isFileEmpty"]);

async function argumentsOf(of: string, names: FlowNames, known: Known): Promise<string[]> {
  if (of === "secret") return known.secrets(names.namespace);
  if (of === "kv") return known.keys(names.namespace);
  if (FILE_ARGUMENT.has(of)) return (await known.files(names.namespace)).map(withoutSlash);
  return [];
}

const withoutSlash = (path: string) => path.replace(/^\//, "");

/** A name after a dot; one that is no word stands in brackets, and the dot goes. */
const below = (name: string, word: string): Suggestion =>
  /^[A-Za-z_]\w*$/.test(name)
    ? { label: name, insert: name, over: word.length, kind: "name" }
    : { label: name, insert: `['${name}']`, over: word.length + 1, kind: "name" };

const all = (names: string[], word: string, kind: Suggestion["kind"]): Suggestion[] =>
  names.map((name) => ({ label: name, insert: name, over: word.length, kind }));

const NSFILE = /nsfile:\/\/\/?([^\s"']*)$/;
const ITEM = /^(\s*)-\s+["']?([^"']*)$/;

/** Values that name something which the server has: flows, namespaces, files. */
async function values(
  before: Before,
  line: string,
  text: string,
  known: Known,
): Promise<Suggestion[] | null> {
  const namespace = () => namesOf(text).namespace;
  const file = NSFILE.exec(line);
  if (file) return all((await known.files(namespace())).map(withoutSlash), file[1] ?? "", "value");
  const value = valueAt(line);
  if (value?.property === "namespace") return all(await known.namespaces(), value.word, "value");
  if (value?.property === "flowId") {
    return all(await known.flows(besideOf(before, text) ?? namespace()), value.word, "value");
  }
  const item = ITEM.exec(line);
  if (item && isFileList(before, (item[1] ?? "").length)) {
    return all((await known.files(namespace())).map(withoutSlash), item[2] ?? "", "value");
  }
  return null;
}

/** The namespace that is written in the same task as a `flowId`. */
function besideOf(before: Before, text: string): string | undefined {
  const lines = text.split("\n");
  const indent = (line = "") => /^\s*(- )?/.exec(line)?.[0].length ?? 0;
  const own = indent(before.at(-1));
  const at = before.length - 1;
  for (const step of [-1, 1]) {
    for (let n = at + step; n >= 0 && n < lines.length && indent(lines[n]) >= own; n += step) {
      const found = /^\s*(?:- )?namespace:\s*["']?([\w.-]+)/.exec(lines[n] ?? "");
      if (found && indent(lines[n]) === own) return found[1];
    }
  }
  return undefined;
}

function isFileList(before: Before, indent: number): boolean {
  for (let n = before.length - 2; n >= 0; n--) {
    const line = before[n] ?? "";
    if (/^\s*-/.test(line) && line.search(/\S/) === indent) continue;
    return /^\s*(include|exclude):\s*$/.test(line);
  }
  return false;
}
