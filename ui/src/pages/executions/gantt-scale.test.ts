import { expect, test } from "vitest";
import type { TaskRun } from "../../api/types";
import { gapsOf, moved, scaleOf, spanOf, spanText, WHOLE, zoomed } from "./gantt-scale";

const AXIS = { from: 1000, to: 11_000 };

test("without folded gaps a moment stands where it lies in time", () => {
  const { at, back } = scaleOf(AXIS, []);

  expect([at(1000), at(6000), at(11_000)]).toEqual([0, 0.5, 1]);
  expect(back(0.25)).toBe(3500);
});

test("a folded gap takes a fiftieth, the rest shares what is left", () => {
  const { at, back } = scaleOf(AXIS, [{ from: 2000, to: 10_000 }]);

  expect(at(2000)).toBeCloseTo(0.49);
  expect(at(10_000)).toBeCloseTo(0.51);
  expect(at(11_000)).toBeCloseTo(1);
  expect(back(at(10_500))).toBeCloseTo(10_500);
});

const iso = (ms: number) => new Date(ms).toISOString();

function run(id: string, from: number, to: number, parentTaskRunId?: string): TaskRun {
  const histories = [
    { state: "RUNNING", date: iso(from) },
    { state: "SUCCESS", date: iso(to) },
  ];
  const ends = { startDate: iso(from), endDate: iso(to), duration: "PT1S" };
  const state = { current: "SUCCESS", histories, ...ends };
  return { id, taskId: id, parentTaskRunId, executionId: "e", namespace: "n", flowId: "f", state };
}

test("a gap is where no task of the lowest level ran for more than a fifth of the time", () => {
  const runs = [
    run("group", 1000, 11_000),
    run("a", 1000, 3000, "group"),
    run("b", 4500, 6000, "group"),
    run("c", 9000, 11_000, "group"),
  ];

  expect(gapsOf(runs, AXIS)).toEqual([{ from: 6000, to: 9000 }]);
});

test("a zoom stays within the axis and comes back to all of it", () => {
  expect(zoomed(WHOLE, 0.5)).toEqual({ from: 0.25, to: 0.75 });
  expect(moved({ from: 0.5, to: 0.75 }, 4)).toEqual({ from: 0.75, to: 1 });
  expect(zoomed({ from: 0.75, to: 1 }, 8)).toEqual(WHOLE);
});

test("the part in view stands in the address, and nonsense there is all of it", () => {
  expect(spanOf(spanText({ from: 0.25, to: 0.5 }))).toEqual({ from: 0.25, to: 0.5 });
  expect(spanText(WHOLE)).toBeUndefined();
  expect([spanOf(undefined), spanOf("x"), spanOf("9-2"), spanOf("1-5000")]).toEqual(
    Array(4).fill(WHOLE),
  );
});
