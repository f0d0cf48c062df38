import { expect, test } from "vitest";
import { countOf, firstOf, hashOf, isWithin, rangeOf } from "./place";

test("lines of an address are read and written", () => {
  expect(rangeOf("#L120-140")).toEqual({ from: 119, to: 139 });
  expect(rangeOf("L7")).toEqual({ from: 6, to: 6 });
  for (const hash of ["", "L0", "L0-3", "L-3", "line", "L3-"]) expect(rangeOf(hash)).toBeNull();
  expect(hashOf({ from: 119, to: 139 })).toBe("L120-140");
  expect(hashOf({ from: 6, to: 6 })).toBe("L7");
});

test("lines may be selected upwards", () => {
  const range = { from: 9, to: 4 };

  expect([firstOf(range), countOf(range)]).toEqual([4, 6]);
  expect([3, 4, 9, 10].map((line) => isWithin(range, line))).toEqual([false, true, true, false]);
});
