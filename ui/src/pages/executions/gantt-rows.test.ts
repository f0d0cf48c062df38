import { expect, test } from "vitest";
import type { TaskRun } from "../../api/types";
import { MOST_ROWS, rowsOf, segmentsOf, segmentsOfRun, stateOf, treeOf } from "./gantt-rows";

const at = (second: number) => new Date(second * 1000).toISOString();
const NONE = new Set<string>();

function run(id: string, parentTaskRunId?: string, more: Partial<TaskRun> = {}): TaskRun {
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
  return { ...place, id, taskId: id, parentTaskRunId, state, ...more };
}

const shown = (runs: TaskRun[], turned = NONE) =>
  rowsOf(treeOf(runs), turned).map((row) => `${row.depth}${row.item.id}`);

test("children follow their parent, one level deeper, in their own order", () => {
  const runs = [run("a"), run("b"), run("a1", "a"), run("a2", "a"), run("a1x", "a1")];

  expect(shown(runs)).toEqual(["0a", "1a1", "2a1x", "1a2", "0b"]);
});

test("a run whose parent is not in the list stands at the top", () => {
  expect(shown([run("lost", "nowhere")])).toEqual(["0lost"]);
});

const each = (n: number, state = "SUCCESS") =>
  run(`each${n}`, "loop", {
    taskId: "each",
    iteration: n,
    value: `v${n}`,
    state: { ...run("x").state, current: state },
  });

test("iterations are one row with their counts by state, until it is opened", () => {
  const runs = [run("loop"), each(0), each(1, "FAILED"), each(2), run("deep", "each1")];

  const [, bundle] = rowsOf(treeOf(runs), NONE);
  expect(shown(runs)).toEqual(["0loop", "1loop*each"]);
  expect(bundle?.counts).toEqual({ SUCCESS: 2, FAILED: 1 });
  expect(bundle && stateOf(bundle)).toBe("FAILED");
  expect(shown(runs, new Set(["loop*each"]))).toEqual([
    "0loop",
    "1loop*each",
    "2each0",
    "2each1",
    "3deep",
    "2each2",
  ]);
});

test("groups begin folded only where there are more rows than one wants to see", () => {
  const group = (count: number) => [
    run("group"),
    ...Array.from({ length: count }, (_, n) => run(`t${n}`, "group")),
  ];

  expect(shown(group(MOST_ROWS - 1))).toHaveLength(MOST_ROWS);
  expect(shown(group(MOST_ROWS))).toEqual(["0group"]);
  expect(rowsOf(treeOf(group(MOST_ROWS)), NONE)[0]?.counts).toEqual({ SUCCESS: MOST_ROWS });
  expect(shown(group(MOST_ROWS), new Set(["group"]))).toHaveLength(MOST_ROWS + 1);
});

const tried = (from: number, to: number | undefined, current: string) => ({
  state: {
    current,
    startDate: at(from),
    endDate: to === undefined ? undefined : at(to),
    duration: "PT1S",
    histories: [],
  },
});

test("attempts are parts of the bar, with what waited before and between them", () => {
  const attempts = [tried(1, 2, "FAILED"), tried(5, 6, "SUCCESS")];

  const parts = segmentsOfRun(run("a", undefined, { attempts }), 99_000);

  expect(parts.map(({ kind, state, from, to }) => [kind, state, from, to])).toEqual([
    ["queued", "CREATED", 0, 1000],
    ["active", "FAILED", 1000, 2000],
    ["queued", "CREATED", 2000, 5000],
    ["active", "SUCCESS", 5000, 6000],
  ]);
});

test("a group lasts as long as its states say, not only while its own attempt began it", () => {
  const group = run("group", undefined, { attempts: [tried(1, 1, "SUCCESS")] });
  const [row] = rowsOf(treeOf([group, run("a", "group")]), NONE);

  expect(row && segmentsOf(row, 9000).at(-1)).toMatchObject({ from: 1000, to: 3000 });
});

test("an attempt that goes on reaches to the present", () => {
  const going = run("a", undefined, { attempts: [tried(1, undefined, "RUNNING")] });
  going.state = { ...going.state, endDate: undefined, current: "RUNNING" };

  expect(segmentsOfRun(going, 9000).at(-1)).toEqual({
    kind: "active",
    state: "RUNNING",
    from: 1000,
    to: 9000,
    isLive: true,
  });
});

test("a run without attempts, and one that was paused, has a part for each of its states", () => {
  const paused = run("p", undefined, { attempts: [tried(1, 3, "SUCCESS")] });
  const histories = [
    { state: "CREATED", date: at(0) },
    { state: "PAUSED", date: at(1) },
    { state: "SUCCESS", date: at(3) },
  ];
  paused.state = { ...paused.state, histories };

  expect(segmentsOfRun(paused, 9000).map(({ kind }) => kind)).toEqual(["queued", "paused"]);
  expect(segmentsOfRun(run("a"), 9000).map(({ kind }) => kind)).toEqual(["queued", "active"]);
});
