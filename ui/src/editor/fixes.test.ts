import { expect, test } from "vitest";
import { fixOf, mended } from "./fixes";
import type { Problem } from "./problems";

const TEXT = `id: f
tasks:
  - id: say
    type: core.log.Logg
    mesage: x
  - {id: other, type: core.log.Log}
`;
const problem = (more: Partial<Problem>): Problem => ({
  severity: "error",
  message: "",
  source: "server",
  ...more,
});
const mend = (found: Problem) => {
  const fix = fixOf(found, TEXT);
  return fix && mended(TEXT, fix);
};

test("a property gets the name that was meant", () => {
  const at = { line: 5, column: 5, endColumn: 11 };

  expect(mend(problem({ ...at, path: "tasks[0].mesage", suggestion: "message" }))).toContain(
    "    message: x\n",
  );
});

test("a type gets the name that was meant", () => {
  const at = { line: 4, column: 5, endColumn: 9 };

  expect(mend(problem({ ...at, path: "tasks[0].type", suggestion: "core.log.Log" }))).toContain(
    "    type: core.log.Log\n",
  );
});

test("a missing property is written into its map", () => {
  const found = problem({ line: 3, path: "tasks[0].message", message: "must not be null" });

  expect(mend(found)).toContain("  - id: say\n    message: \n    type:");
});

test("a missing property of the flow itself too", () => {
  const found = problem({ line: 1, path: "namespace", message: "must not be null" });

  expect(mend(found)).toMatch(/^id: f\nnamespace: \ntasks:/);
});

test("where nobody knows what would be right, nothing is offered", () => {
  expect(mend(problem({ line: 3, path: "tasks[0].id", message: "is taken" }))).toBe(null);
  expect(mend(problem({ line: 6, path: "tasks[1].message", message: "must not be null" }))).toBe(
    null,
  );
});
