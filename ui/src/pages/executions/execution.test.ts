import { expect, test } from "vitest";
import type { Execution, TaskRun } from "../../api/types";
import { familyOf } from "./family";
import { seriesOf } from "./metric-charts";
import { stepsOf } from "./timeline";
import { attemptOf, causeOf, exitCodeOf } from "./why";

function run(id: string, current: string, endDate: string, more: Partial<TaskRun> = {}): TaskRun {
  const state = { current, startDate: "", endDate, duration: "", histories: [] };
  return { id, taskId: id, executionId: "e", namespace: "n", flowId: "f", state, ...more };
}

const execution = (more: Partial<Execution>) =>
  ({ id: "e", originalId: "e", labels: [], ...more }) as unknown as Execution;

test("the cause is the task run that failed first and holds no other that failed", () => {
  const taskRunList = [
    run("group", "FAILED", "2026-01-01T00:00:01Z"),
    run("late", "FAILED", "2026-01-01T00:00:03Z", { parentTaskRunId: "group" }),
    run("first", "FAILED", "2026-01-01T00:00:02Z", { parentTaskRunId: "group" }),
    run("well", "SUCCESS", "2026-01-01T00:00:00Z"),
  ];

  expect(causeOf(execution({ taskRunList }))?.id).toBe("first");
  expect(causeOf(execution({}))).toBeUndefined();
});

test("an attempt is told of how many, where the task says so", () => {
  const attempts = [{ state: run("x", "FAILED", "").state }];
  const failed = run("a", "FAILED", "", { attempts, outputs: { exitCode: 3 } });

  expect(attemptOf(failed, { maxAttempts: 3 })).toEqual([1, 3]);
  expect(attemptOf(failed, undefined)).toEqual([1, undefined]);
  expect([exitCodeOf(failed), exitCodeOf(run("b", "FAILED", ""))]).toEqual([3, undefined]);
});

const CALLER = "4Xk1b2c94Xk1b2c94Xk1b2";
const ROOT = "9Xk1b2c94Xk1b2c94Xk1b2";
const labels = [{ key: "system.correlationId", value: ROOT }];

test("an execution knows who started it, the first of its chain, and whose replay it is", () => {
  const trigger = { id: "t", type: "x", variables: { executionId: CALLER } };

  expect(familyOf(execution({ labels, trigger, parentId: "p" }))).toEqual({
    callerId: CALLER,
    rootId: ROOT,
    replayOf: "p",
    correlationId: ROOT,
  });
  expect(familyOf(execution({ id: ROOT, originalId: ROOT, labels }))).toEqual({
    callerId: undefined,
    rootId: undefined,
    replayOf: undefined,
    correlationId: ROOT,
  });
});

test("figures are gathered by task and name in the order of time", () => {
  const entry = (name: string, value: number, timestamp: string) => ({
    taskId: "a",
    taskRunId: "r",
    type: "counter",
    name,
    value,
    timestamp,
  });

  const found = seriesOf([entry("rows", 2, "2"), entry("size", 9, "1"), entry("rows", 1, "1")]);

  expect(found.map(({ key, values }) => [key, values])).toEqual([
    ["a size", [9]],
    ["a rows", [1, 2]],
  ]);
});

test("a state lasts until the next, the present one until now, an end no time", () => {
  const at = (ms: number, state: string) => ({ state, date: new Date(ms).toISOString() });

  const going = stepsOf([at(0, "CREATED"), at(500, "RUNNING")], 2000);
  const ended = stepsOf([at(0, "RUNNING"), at(500, "SUCCESS")], 2000);

  expect(going.map(({ ms }) => ms)).toEqual([500, 1500]);
  expect(ended.map(({ ms }) => ms)).toEqual([500, 0]);
});
