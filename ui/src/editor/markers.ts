/** Problems as marks in the text, and the marks of the schema as problems. */

import type { editor } from "monaco-editor";
import type { Problem } from "./problems";

type Monaco = typeof import("monaco-editor");

export const markerOf = (monaco: Monaco) => (problem: Problem) => ({
  severity:
    problem.severity === "error" ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
  message: problem.message,
  startLineNumber: problem.line ?? 1,
  startColumn: problem.column ?? 1,
  endLineNumber: problem.line ?? 1,
  endColumn: problem.endColumn ?? 1_000,
});

/** What the schema says of a document. Where the server speaks of a line too, its mark alone stays. */
export function schemaProblems(monaco: Monaco, model: editor.ITextModel): Problem[] {
  const marks = monaco.editor.getModelMarkers({ resource: model.uri });
  const told = new Set(
    marks.filter(({ owner }) => owner === "server").map((mark) => mark.startLineNumber),
  );
  const own = marks.filter(({ owner }) => owner === "yaml");
  const kept = own.filter((mark) => !told.has(mark.startLineNumber));
  if (kept.length < own.length) monaco.editor.setModelMarkers(model, "yaml", kept);
  return kept.map((mark) => ({
    severity: mark.severity === monaco.MarkerSeverity.Error ? "error" : "warning",
    message: mark.message,
    source: "schema",
    line: mark.startLineNumber,
    column: mark.startColumn,
    endColumn: mark.endLineNumber === mark.startLineNumber ? mark.endColumn : undefined,
  }));
}
