import { expect, test } from "vitest";
import type { Execution, Served } from "../../api/types";
import { inTurn, markOf, patched } from "./patches";

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}.5Z`;
const state = (...names: string[]) => ({
  current: names.at(-1),
  histories: names.map((name, n) => ({ state: name, date: at(n) })),
});
const run = (id: string, ...names: string[]) => ({ id, state: state(...names) });
const here = {
  id: "x",
  state: state("CREATED", "RUNNING"),
  taskRunList: [run("a", "CREATED", "RUNNING", "SUCCESS"), run("b", "CREATED", "RUNNING")],
} as unknown as Execution;
const told = (taskRuns: unknown[], counts: Record<string, number>) =>
  ({
    execution: { id: "x", state: state("CREATED", "RUNNING", "PAUSED") },
    taskRuns,
    counts,
  }) as unknown as Served["ExecutionChanges"];

test("changed task runs take their places, new ones follow, others stay the same objects", () => {
  const news = [run("b", "CREATED", "RUNNING", "FAILED"), run("c", "CREATED")];
  const next = patched(here, told(news, { SUCCESS: 1, FAILED: 1, CREATED: 1 }));

  expect(next?.state.current).toBe("PAUSED");
  expect(next?.taskRunList?.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(next?.taskRunList?.[1]?.state.current).toBe("FAILED");
  expect(next?.taskRunList?.[0]).toBe(here.taskRunList?.[0]);
});

test("what does not count up to the server's states has to be read anew", () => {
  expect(patched(here, told([], { SUCCESS: 1, RUNNING: 1 }))).toBeDefined();
  expect(patched(here, told([], { SUCCESS: 1 }))).toBeUndefined(); // one is gone
  expect(patched(here, told([], { SUCCESS: 1, RUNNING: 2 }))).toBeUndefined();
  expect(patched(here, told([], { SUCCESS: 2 }))).toBeUndefined();
});

test("an execution that has not begun has no task runs", () => {
  const waiting = { id: "x", state: state("CREATED") } as unknown as Execution;

  expect(patched(waiting, told([], {}))).not.toHaveProperty("taskRunList");
  expect(markOf(waiting)).toBe(at(0));
});

test("the mark is the latest moment of all", () => {
  expect(markOf(here)).toBe(at(2));
});

test("one question at a time, and one more for all that came meanwhile", async () => {
  const ends: (() => void)[] = [];
  const ask = inTurn(() => new Promise<void>((resolve) => ends.push(resolve)));
  for (let n = 0; n < 5; n++) ask();
  expect(ends.length).toBe(1);
  ends[0]?.();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await Promise.resolve();
  expect(ends.length).toBe(2);
});
