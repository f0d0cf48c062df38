import { expect, test } from "vitest";
import { merged, type Problem, problemsOf, replacedTypes } from "./problems";

test("violations keep their place", () => {
  const violations = [{ path: "tasks[0].type", message: "unknown", line: 4, column: 11 }];

  expect(problemsOf({ constraints: "tasks[0].type: unknown", violations })).toEqual([
    {
      severity: "error",
      message: "unknown",
      source: "server",
      path: "tasks[0].type",
      line: 4,
      column: 11,
      endColumn: undefined,
      suggestion: undefined,
    },
  ]);
});

test("a verdict without places still is an error", () => {
  expect(problemsOf({ constraints: "not a flow" })).toEqual([
    { severity: "error", message: "not a flow", source: "server" },
  ]);
});

test("deprecations are warnings", () => {
  expect(problemsOf({ deprecationPaths: ["tasks[1]"] })[0]?.severity).toBe("warning");
});

test("an older name of a type is told at its line, with the new one", () => {
  const found = replacedTypes({ infos: ["a.Old is replaced by a.New"] }, "tasks:\n  - type: a.Old");

  expect(found).toMatchObject([{ line: 2, column: 5, suggestion: "a.New", severity: "warning" }]);
});

test("where the server has spoken of a line, the schema is silent", () => {
  const at = (line: number, source: Problem["source"]): Problem => ({
    severity: "error",
    message: "",
    source,
    line,
  });

  const list = merged([at(4, "server")], [at(4, "schema"), at(2, "schema")]);

  expect(list.map(({ line, source }) => [line, source])).toEqual([
    [2, "schema"],
    [4, "server"],
  ]);
});
