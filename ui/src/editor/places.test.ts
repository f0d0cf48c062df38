import { expect, test } from "vitest";
import { endOf, offsetOf } from "./places";

const TEXT = "id: a\ntasks:\n\n  - x";

test("a line and column is found in a text", () => {
  expect(offsetOf(TEXT, 1, 1)).toBe(0);
  expect(TEXT.slice(offsetOf(TEXT, 2, 3))).toBe("sks:\n\n  - x");
  expect(TEXT.slice(offsetOf(TEXT, 4, 5))).toBe("x");
});

test("a column after the end of its line is that end, a line after the last the end of all", () => {
  expect(offsetOf(TEXT, 3, 40)).toBe(13);
  expect(offsetOf(TEXT, 90, 1)).toBe(TEXT.length);
  expect(TEXT.slice(0, endOf(TEXT, 2))).toBe("id: a\ntasks:");
});
