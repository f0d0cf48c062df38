import { expect, test } from "vitest";
import { heightsOf } from "./strip-heights";

test("the longest run fills the height, a short one is still seen, a live one is full", () => {
  expect(heightsOf([{ seconds: 10 }, { seconds: 5 }, { seconds: 0.01 }, {}])).toEqual([
    100, 50, 20, 100,
  ]);
});

test("runs that took no time are all as low as can be", () => {
  expect(heightsOf([{ seconds: 0 }, { seconds: 0 }])).toEqual([20, 20]);
  expect(heightsOf([])).toEqual([]);
});
