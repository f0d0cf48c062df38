import { expect, test } from "vitest";
import { failing, LOOK_MS, lookAgain } from "./check-states";

const check = (name: string, state: string) => ({ name, state });

test("the names of the first checks that failed are told", () => {
  const many = ["a", "b", "c", "d"].map((name) => check(name, "failure"));

  expect(failing({ checks: [check("ci", "success"), check("lint", "failure")] })).toEqual({
    count: 1,
    of: 2,
    names: "lint",
  });
  expect(failing({ checks: many }).names).toBe("a, b, c, …");
  expect(failing({ checks: [] })).toEqual({ count: 0, of: 0, names: "" });
});

test("checks that never appear are asked for less often", () => {
  expect(lookAgain("none", 1)).toBe(LOOK_MS.none);
  expect(lookAgain(undefined, 6)).toBe(LOOK_MS.none);
  expect(lookAgain("none", 7)).toBe(LOOK_MS.unknown);
  expect(lookAgain("pending", 7)).toBe(LOOK_MS.pending);
});
