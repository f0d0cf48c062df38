import { expect, test } from "vitest";
import type { TaskRun } from "../api/types";
import { attemptsOf, belowLevel, nodesOf, type Summary } from "./tree";

const run = (id: string, taskId: string, parentTaskRunId?: string, attempts = 1) =>
  ({ id, taskId, parentTaskRunId, attempts: Array(attempts).fill({}) }) as TaskRun;
const summary: Summary = {
  total: 9,
  levels: { INFO: 6, ERROR: 1, DEBUG: 2 },
  taskRuns: { b1: { INFO: 2, DEBUG: 2 }, b2: { ERROR: 1 }, c: { INFO: 4 } },
};
const runs = [run("a", "each"), run("b1", "say", "a"), run("b2", "say", "a", 3), run("c", "end")];

test("a task stands once under its parent, and counts what lies below it", () => {
  expect(nodesOf(runs, summary)).toEqual([
    { taskId: "each", depth: 0, taskIds: ["each", "say"], lines: 5, errors: 1 },
    { taskId: "say", depth: 1, taskIds: ["say"], lines: 5, errors: 1 },
    { taskId: "end", depth: 0, taskIds: ["end"], lines: 4, errors: 0 },
  ]);
});

test("a task below itself ends the walk", () => {
  expect(nodesOf([run("a", "loop"), run("b", "loop", "a")], undefined)).toHaveLength(1);
});

test("attempts are those of the tasks that are chosen", () => {
  expect(attemptsOf(runs, [])).toBe(3);
  expect(attemptsOf(runs, ["end"])).toBe(1);
});

test("what a level hides is told, the nearest level first", () => {
  expect(belowLevel("WARN", summary)).toEqual([
    { level: "INFO", count: 6 },
    { level: "DEBUG", count: 2 },
  ]);
  expect(belowLevel("TRACE", summary)).toEqual([]);
});
