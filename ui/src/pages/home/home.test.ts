import { expect, test } from "vitest";
import type { FailingFlow, TriggerState } from "../../api/types-more";
import { changeText, endOf, groupOf } from "./buckets";
import { ownerOf } from "./failures";
import { isMissed, LATE_MS } from "./missed";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const at = (ms: number): TriggerState => ({
  namespace: "a",
  flowId: "b",
  triggerId: "c",
  nextExecutionDate: new Date(NOW - ms).toISOString(),
});

test("a run is missed once it is late, unless its trigger waits on purpose", () => {
  expect(isMissed(at(LATE_MS + 1), NOW)).toBe(true);
  expect(isMissed(at(LATE_MS), NOW)).toBe(false);
  expect(isMissed(at(-5_000), NOW)).toBe(false);
  expect(isMissed({ ...at(LATE_MS + 1), executionId: "x" }, NOW)).toBe(false);
  expect(isMissed({ ...at(LATE_MS + 1), locked: true }, NOW)).toBe(false);
});

test("the owner is the label of that name, else the team", () => {
  const of = (labels: { key: string; value: string }[]) =>
    ownerOf({ execution: { labels } } as FailingFlow);
  expect(
    of([
      { key: "team", value: "data" },
      { key: "owner", value: "ana" },
    ]),
  ).toBe("ana");
  expect(of([{ key: "team", value: "data" }])).toBe("data");
  expect(of([])).toBeUndefined();
});

test("a bar ends where the next one begins, whatever its size", () => {
  expect(endOf("2026-11-22T10:00:00Z", "minute")).toBe("2026-11-22T10:01:00.000Z");
  expect(endOf("2026-11-22T10:00:00Z", "hour")).toBe("2026-11-22T11:00:00.000Z");
  expect(endOf("2026-11-22T00:00:00Z", "day")).toBe("2026-11-23T00:00:00.000Z");
  expect(endOf("2026-11-16T00:00:00Z", "week")).toBe("2026-11-23T00:00:00.000Z");
  expect(endOf("2026-02-01T00:00:00Z", "month")).toBe("2026-03-01T00:00:00.000Z");
});

test.each([
  [1, "minute"],
  [24, "hour"],
  [168, "hour"],
  [720, "day"],
])("bars of %d hours are of a %s", (hours, group) => {
  expect(groupOf(hours)).toBe(group);
});

test("a change is told with its direction, and not where nothing can be compared", () => {
  expect(changeText(12, 10)).toBe("▲ 20 %");
  expect(changeText(8, 10)).toBe("▼ 20 %");
  expect(changeText(10, 10)).toBe("＝");
  expect(changeText(10, undefined)).toBe("");
  expect(changeText(10, 0)).toBe("");
});
