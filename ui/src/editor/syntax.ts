/** The first place where a text cannot be read as what it should be. */

import { LineCounter, parseDocument } from "yaml";
import { t } from "../i18n";
import { stopOf } from "./json-place";
import type { Problem } from "./problems";

export type Syntax = "json" | "yaml";
type Placed = Problem & { line: number; column: number };

/** Null where it can be read, and where there is nothing. */
export function syntaxProblem(syntax: Syntax, text: string): Placed | null {
  if (text.trim() === "") return null;
  return syntax === "json" ? ofJson(text) : ofYaml(text);
}

function ofJson(text: string): Placed | null {
  const stop = stopOf(text);
  if (!stop) return null;
  const before = text.slice(0, stop.at).split("\n");
  const message = t(`syntax.${stop.wanted}`);
  return problemAt(before.length, (before.at(-1) ?? "").length + 1, message);
}

function ofYaml(text: string): Placed | null {
  const lines = new LineCounter();
  const [error] = parseDocument(text, { lineCounter: lines, prettyErrors: false }).errors;
  if (!error) return null;
  const { line, col } = lines.linePos(error.pos[0]);
  return problemAt(line, col, error.message);
}

const problemAt = (line: number, column: number, message: string): Placed => ({
  severity: "error",
  message,
  source: "server", // shown as one that counts, not as a hint of the schema
  line,
  column,
});
