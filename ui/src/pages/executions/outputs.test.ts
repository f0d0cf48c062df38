import { expect, test } from "vitest";
import type { TaskRun } from "../../api/types";
import { completionAt, lineOf } from "./complete";
import { expressionOf, kindOf, leavesOf, placesOf, sizeOf } from "./output-paths";
import { MOST_OPEN, rowsOfOutputs } from "./output-rows";

function run(id: string, taskId: string, more: Partial<TaskRun> = {}): TaskRun {
  const state = { current: "SUCCESS", startDate: "", duration: "", histories: [] };
  return { id, taskId, executionId: "e", namespace: "n", flowId: "f", state, ...more };
}

test("a path is written as expressions read it", () => {
  expect(expressionOf(["load", "rows"])).toBe("outputs.load.rows");
  expect(expressionOf(["my-task", "it's", "a.csv"])).toBe("outputs['my-task']['it\\'s']['a.csv']");
});

test("the outputs of an iteration stand below the values of the loops around it", () => {
  const runs = [
    run("1", "outer"),
    run("2", "pair", { parentTaskRunId: "1", value: "a" }),
    run("3", "left", { parentTaskRunId: "2" }),
    run("4", "deep", { parentTaskRunId: "2", value: "b" }),
  ];

  expect([...placesOf(runs).values()]).toEqual([
    ["outer"],
    ["pair", "a"],
    ["left", "a"],
    ["deep", "a", "b"],
  ]);
});

test("each value has its path, a list is one value", () => {
  expect(leavesOf({ vars: { n: 1, list: [1] }, empty: {} })).toEqual([
    { path: ["vars", "n"], value: 1 },
    { path: ["vars", "list"], value: [1] },
    { path: ["empty"], value: {} },
  ]);
});

test("a value tells its kind and its size", () => {
  expect(["kestra:///a.csv", "x", 1, true, null, [], {}].map(kindOf)).toEqual([
    "file",
    "text",
    "number",
    "truth",
    "nothing",
    "list",
    "map",
  ]);
  expect([sizeOf("äb"), sizeOf({ a: 1 })]).toEqual([3, 7]);
});

const known = {
  scope: { outputs: { load: { rows: 1, "a.csv": "x" } }, inputs: { day: "" } },
  functions: ["now"],
  filters: ["upper"],
};
const at = (text: string) => completionAt(text, text.length, known);

test("within an expression names, keys, functions and filters are offered", () => {
  expect(at("{{ o").options).toEqual(["outputs"]);
  expect(at("{{ n").options).toEqual(["now("]);
  expect(at("{{ outputs.load.").options).toEqual([".rows", "['a.csv']"]);
  expect(at("{{ outputs.load.ro")).toEqual({ from: 15, options: [".rows"] });
  expect(at("{{ inputs.day | up").options).toEqual(["upper"]);
});

test("outside of an expression nothing is offered", () => {
  expect(
    [at("outputs."), at("{{ a }} o"), at("{{ outputs.gone.")].map((one) => one.options),
  ).toEqual([[], [], []]);
});

test("an error tells its line where it stands at the end", () => {
  expect(lineOf("unexpected text at `the end` in `1 +` at line 2")).toBe(2);
  expect(lineOf("[foo] does not exist. ({{ foo(1) }} at line 3)")).toBe(3);
  expect(lineOf("something else")).toBeUndefined();
});

const inLoop = (n: number, outputs: Record<string, unknown>) =>
  run(`r${n}`, "each", { value: `v${n}`, outputs });

test("outputs are rows by task and iteration, and a search leaves what holds it", () => {
  const runs = [
    run("0", "load", { outputs: { vars: { rows: 3 } } }),
    run("9", "silent", { outputs: {} }),
    inLoop(1, { value: "Paris" }),
    inLoop(2, { value: "Rome" }),
  ];
  const shown = (turned: string[], sought: string) =>
    rowsOfOutputs(runs, new Set(turned), sought).map(({ depth, name }) => `${depth}${name}`);

  expect(shown([], "")).toEqual(["0load", "1vars.rows", "0each", "1v1", "2value", "1v2", "2value"]);
  expect(shown(["load", "r1"], "")).toEqual(["0load", "0each", "1v1", "1v2", "2value"]);
  expect(shown([], "rom")).toEqual(["0each", "1v2", "2value"]);
});

test("many outputs begin folded", () => {
  const runs = Array.from({ length: MOST_OPEN + 1 }, (_, n) => inLoop(n, { value: n }));

  expect(rowsOfOutputs(runs, new Set(), "")).toHaveLength(1);
  expect(rowsOfOutputs(runs, new Set(["each"]), "")).toHaveLength(MOST_OPEN + 2);
});
