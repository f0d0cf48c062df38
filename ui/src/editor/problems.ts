/** What is wrong with a flow's text: the schema's findings at once, then the server's verdict. */

import { call } from "../api/client";

export type Problem = {
  severity: "error" | "warning";
  message: string;
  /** Who says so; absent, the server. Only what it refuses keeps a text from being saved. */
  source?: "server" | "schema";
  path?: string;
  line?: number;
  column?: number;
  endColumn?: number;
  /** What was probably meant. */
  suggestion?: string;
};

type Violation = {
  path: string;
  message: string;
  line?: number;
  column?: number;
  endColumn?: number;
  severity?: string;
  suggestion?: string;
};

export type Verdict = {
  constraints?: string;
  violations?: Violation[];
  warnings?: string[];
  deprecationPaths?: string[];
  infos?: string[];
};

/** What is wrong with a flow's source; nothing when the server would take it. */
export async function findProblems(source: string, signal: AbortSignal): Promise<Problem[]> {
  const verdicts = await call<Verdict[]>("POST", "/flows/validate", {
    body: source,
    contentType: "application/x-yaml",
    signal,
  });
  return verdicts.flatMap((verdict) => [...problemsOf(verdict), ...replacedTypes(verdict, source)]);
}

const server = (severity: Problem["severity"], message: string, path?: string): Problem => ({
  severity,
  message,
  source: "server",
  ...(path ? { path } : {}),
});

export function problemsOf(verdict: Verdict): Problem[] {
  const errors: Problem[] = (verdict.violations ?? []).map((violation) => ({
    severity: violation.severity?.toLowerCase() === "warning" ? "warning" : "error",
    message: violation.message,
    source: "server",
    path: violation.path,
    line: violation.line,
    column: violation.column,
    endColumn: violation.endColumn,
    suggestion: violation.suggestion,
  }));
  if (verdict.constraints && !errors.some((problem) => problem.severity === "error")) {
    errors.push(server("error", verdict.constraints));
  }
  if (errors.some((problem) => problem.severity === "warning")) {
    return errors; // each warning is there already, at its place
  }
  const warnings = (verdict.warnings ?? []).map((message) => server("warning", message));
  const deprecations = (verdict.deprecationPaths ?? []).map((path) =>
    server("warning", `${path} is deprecated`, path),
  );
  return [...errors, ...warnings, ...deprecations];
}

const REPLACED = /^([\w.$]+) is replaced by ([\w.$]+)$/;

/** Older names of types, at each line that uses one. */
export function replacedTypes({ infos = [] }: Verdict, source: string): Problem[] {
  const lines = source.split("\n");
  return infos.flatMap((info) => {
    const [, old, name] = REPLACED.exec(info) ?? [];
    return lines.flatMap((text, n): Problem[] => {
      const column = text.search(/\btype:/) + 1;
      if (!old || column === 0 || !/type:\s*["']?([\w.$]+)/.exec(text)?.includes(old)) return [];
      return [{ ...server("warning", info, "type"), line: n + 1, column, suggestion: name }];
    });
  });
}

/** One list: where the server has spoken of a line, the schema is silent. */
export function merged(verdict: readonly Problem[], schema: readonly Problem[]): Problem[] {
  const told = new Set(verdict.map(({ line }) => line));
  const all = [...verdict, ...schema.filter(({ line }) => !told.has(line))];
  return all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
