import { expect, test } from "vitest";
import { inputsOf, percentOf } from "./progress";

test("a backfill's progress is the part of its time that is done", () => {
  const range = { start: "2026-01-01T00:00:00Z", end: "2026-01-05T00:00:00Z" };

  expect(percentOf({ ...range, currentDate: "2026-01-02T00:00:00Z" })).toBe(25);
  expect(percentOf({ ...range, currentDate: "2026-02-02T00:00:00Z" })).toBe(100);
  const back = { ...range, order: "NEWEST_FIRST" } as const;
  expect(percentOf({ ...back, currentDate: "2026-01-04T00:00:00Z" })).toBe(25);
  expect(percentOf({ start: range.start })).toBe(0);
});

test("inputs are lines of names and values; colons of a value stay", () => {
  expect(inputsOf("day: x\n\nat: 10:30\nnothing")).toEqual({ day: "x", at: "10:30" });
});
