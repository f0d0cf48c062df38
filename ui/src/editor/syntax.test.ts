import { expect, test } from "vitest";
import { stopOf } from "./json-place";
import { syntaxProblem } from "./syntax";

const READ = [
  '{"a": [1, -2.5e3, true, null, "x\\u00e9\\n"], "b": {}}',
  " [] ",
  "0",
  '"a"',
  "[[{}]]",
];
test.each(READ)("%s is JSON, as the browser says", (text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(stopOf(text)).toBeNull();
});

const STOPS: [string, number, string][] = [
  ["{a: 1}", 1, "key"],
  ['{"a" 1}', 5, "colon"],
  ['{"a": 1,}', 8, "key"],
  ["[1 2]", 3, "comma"],
  ["[1,]", 3, "value"],
  ["[01]", 1, "value"],
  ['["a\nb"]', 1, "value"],
  ["[1] x", 4, "end"],
  ["{", 1, "key"],
  ["truely", 0, "value"],
];
test.each(STOPS)("%s is none from %i: %s is missing", (text, at, wanted) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(stopOf(text)).toEqual({ at, wanted });
});

test("a problem stands at its line and column", () => {
  expect(syntaxProblem("json", '{\n  "a": 1\n  "b": 2\n}')).toMatchObject({ line: 3, column: 3 });
  expect(syntaxProblem("yaml", "a: 1\nb: [1, 2\n")).toMatchObject({ severity: "error", line: 3 });
});

test("what is empty has none, nor has what only an expression fills", () => {
  expect(syntaxProblem("json", "  \n")).toBeNull();
  expect(syntaxProblem("yaml", "a: '{{ b }}'")).toBeNull();
});
