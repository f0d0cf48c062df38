import { expect, test } from "vitest";
import { expressionOf, nearest, queryOf } from "./finder";

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

test("the next error is the nearest one, and behind the last comes the first", () => {
  const lines = [3, 7, 9];
  expect([-1, 3, 8, 9].map((line) => nearest(lines, line, 1))).toEqual([3, 7, 9, 3]);
  expect([20, 9, 4, 3].map((line) => nearest(lines, line, -1))).toEqual([9, 7, 3, 9]);
  expect(nearest([], 1, 1)).toBeUndefined();
});
