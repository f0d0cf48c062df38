import { expect, test } from "vitest";
import { failing } from "./check-states";

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
