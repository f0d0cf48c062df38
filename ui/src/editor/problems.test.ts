import { expect, test } from "vitest";
import { problemsOf } from "./problems";

test("violations keep their place", () => {
  const violations = [{ path: "tasks[0].type", message: "unknown", line: 4, column: 11 }];

  expect(problemsOf({ constraints: "tasks[0].type: unknown", violations })).toEqual([
    {
      severity: "error",
      message: "unknown",
      path: "tasks[0].type",
      line: 4,
      column: 11,
      endColumn: undefined,
    },
  ]);
});

test("a verdict without places still is an error", () => {
  expect(problemsOf({ constraints: "not a flow" })).toEqual([
    { severity: "error", message: "not a flow" },
  ]);
});

test("deprecations are warnings", () => {
  expect(problemsOf({ deprecationPaths: ["tasks[1]"] })[0]?.severity).toBe("warning");
});
