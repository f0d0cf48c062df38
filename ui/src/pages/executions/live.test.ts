import { expect, test } from "vitest";
import type { Execution } from "../../api/types";
import { longestOf, patched, running, turnsOf } from "./live";

const execution = (id: string, current = "SUCCESS", endDate?: string) =>
  ({ id, state: { current, startDate: "2026-05-01T12:00:00Z", endDate } }) as Execution;
const page = { results: [execution("a", "RUNNING"), execution("b")], total: 2 };

test("rows keep their places and take what is told of them", () => {
  const now = [execution("a", "FAILED"), execution("new", "RUNNING")];

  expect(patched(page, now)?.results.map(({ id, state }) => [id, state.current])).toEqual([
    ["a", "FAILED"],
    ["b", "SUCCESS"],
  ]);
  expect(patched(page, undefined)).toBe(page);
});

test("only what may still change is asked for", () => {
  expect(running(page)).toEqual(["a"]);
  expect(running(undefined)).toEqual([]);
});

test("the longest is that of an execution that still runs, too", () => {
  const rows = [execution("a", "RUNNING"), execution("b", "SUCCESS", "2026-05-01T12:00:05Z")];

  expect(longestOf({ results: rows, total: 2 }, Date.parse("2026-05-01T12:01:00Z"))).toBe(60_000);
  expect(longestOf(undefined, 0)).toBe(1);
});

test("far back, pages are turned by the first and the last row", () => {
  const rows = [execution("a"), execution("b")];
  const deep = { page: 5_000, size: 2, isBeside: false, isSorted: false };

  expect(turnsOf(rows, { ...deep, page: 4_999 })).toBeUndefined();
  expect(turnsOf(rows, { ...deep, isSorted: true })).toBeUndefined();
  expect(turnsOf(rows, deep)).toEqual({
    isDeep: false,
    newer: { page: "4999" },
    older: { older: "b", newer: undefined, page: undefined },
  });
  const beside = { ...deep, page: 1, isBeside: true };
  expect(turnsOf(rows, beside)?.newer).toEqual({ newer: "a", older: undefined, page: undefined });
  expect(turnsOf(rows.slice(1), beside)?.older).toBeNull();
});
