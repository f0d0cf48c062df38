import { expect, test } from "vitest";
import type { TaskRun } from "../../api/types";
import { rowsOf } from "./gantt-rows";

const at = (second: number) => new Date(second * 1000).toISOString();

function run(id: string, parentTaskRunId?: string): TaskRun {
  const histories = [
    { state: "CREATED", date: at(0) },
    { state: "RUNNING", date: at(1) },
    { state: "SUCCESS", date: at(3) },
  ];
  const state = {
    current: "SUCCESS",
    duration: "PT3S",
    histories,
    startDate: at(0),
    endDate: at(3),
  };
  const place = { executionId: "e", namespace: "n", flowId: "f" };
  return { ...place, id, taskId: id, parentTaskRunId, state };
}

test("children follow their parent, one level deeper, in their own order", () => {
  const rows = rowsOf([run("a"), run("b"), run("a1", "a"), run("a2", "a"), run("a1x", "a1")], 0);

  expect(rows.map((row) => `${row.depth}${row.run.id}`)).toEqual([
    "0a",
    "1a1",
    "2a1x",
    "1a2",
    "0b",
  ]);
});

test("a run whose parent is not in the list stands at the top", () => {
  expect(rowsOf([run("lost", "nowhere")], 0).map((row) => row.depth)).toEqual([0]);
});

test("an ended run has a segment for each state but its last", () => {
  const [row] = rowsOf([run("a")], 99_000);

  expect(row?.segments).toEqual([
    { state: "CREATED", from: 0, to: 1000 },
    { state: "RUNNING", from: 1000, to: 3000 },
  ]);
});

test("a run that goes on reaches to the present", () => {
  const going = run("a");
  going.state = {
    ...going.state,
    endDate: undefined,
    histories: going.state.histories.slice(0, 2),
  };

  expect(rowsOf([going], 9000)[0]?.segments.at(-1)).toEqual({
    state: "RUNNING",
    from: 1000,
    to: 9000,
  });
});
