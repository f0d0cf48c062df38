import { expect, test } from "vitest";
import { expressionOf, queryOf } from "./finder";

const find = { text: "a.b", isExact: false, isPattern: false };

test("the server is asked for a text or a pattern, never for both", () => {
  expect(queryOf(find)).toEqual({ q: "a.b", caseSensitive: false });
  expect(queryOf({ ...find, isPattern: true, isExact: true })).toEqual({
    regex: "a.b",
    caseSensitive: true,
  });
  expect(queryOf({ ...find, text: "" })).toEqual({});
});

test("what is shown is marked as the server found it", () => {
  expect("A.B axb".match(expressionOf(find) as RegExp)).toEqual(["A.B"]);
  expect("A.B axb".match(expressionOf({ ...find, isPattern: true }) as RegExp)).toHaveLength(2);
  expect("A.B a.b".match(expressionOf({ ...find, isExact: true }) as RegExp)).toEqual(["a.b"]);
  expect(expressionOf({ ...find, text: "(", isPattern: true })).toBeNull();
  expect(expressionOf({ ...find, text: "" })).toBeNull();
});
