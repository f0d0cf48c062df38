/** The server's verdict on a flow, as problems at lines. */

import { call } from "../api/client";

export type Problem = {
  severity: "error" | "warning";
  message: string;
  path?: string;
  line?: number;
  column?: number;
  endColumn?: number;
};

type Violation = {
  path: string;
  message: string;
  line?: number;
  column?: number;
  endColumn?: number;
  severity?: string;
};

export type Verdict = {
  constraints?: string;
  violations?: Violation[];
  warnings?: string[];
  deprecationPaths?: string[];
};

/** What is wrong with a flow's source; nothing when the server would take it. */
export async function findProblems(source: string, signal: AbortSignal): Promise<Problem[]> {
  const verdicts = await call<Verdict[]>("POST", "/flows/validate", {
    body: source,
    contentType: "application/x-yaml",
    signal,
  });
  return verdicts.flatMap(problemsOf);
}

export function problemsOf(verdict: Verdict): Problem[] {
  const errors: Problem[] = (verdict.violations ?? []).map((violation) => ({
    severity: violation.severity?.toLowerCase() === "warning" ? "warning" : "error",
    message: violation.message,
    path: violation.path,
    line: violation.line,
    column: violation.column,
    endColumn: violation.endColumn,
  }));
  if (verdict.constraints && !errors.some((problem) => problem.severity === "error")) {
    errors.push({ severity: "error", message: verdict.constraints });
  }
  if (errors.some((problem) => problem.severity === "warning")) {
    return errors; // each warning is there already, at its place
  }
  const warnings = (verdict.warnings ?? []).map(
    (message): Problem => ({ severity: "warning", message }),
  );
  const deprecations = (verdict.deprecationPaths ?? []).map(
    (path): Problem => ({ severity: "warning", path, message: `${path} is deprecated` }),
  );
  return [...errors, ...warnings, ...deprecations];
}
