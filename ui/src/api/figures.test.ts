import { expect, test } from "vitest";
import { consumersOf, isStuck, lagOf, queuesOf, samplesOf, sumOf } from "./figures";

const TEXT = `# HELP trunkline_queue_depth messages
# TYPE trunkline_queue_depth gauge
trunkline_queue_depth{queue="script"} 3.0
trunkline_task_runs_running{queue="script"} 2.0
trunkline_queue_depth{queue="docker"} 1.0
trunkline_executions_live{gate="a \\"b\\""} 4.0
trunkline_timers_overdue 0.0
`;

test("samples have their labels and values, comments are none", () => {
  expect(samplesOf(TEXT)).toHaveLength(5);
  expect(samplesOf(TEXT)[0]).toEqual({
    name: "trunkline_queue_depth",
    labels: { queue: "script" },
    value: 3,
  });
});

test("figures of a queue come together, queues by name", () => {
  expect(queuesOf(samplesOf(TEXT))).toEqual([
    { name: "docker", waiting: 0, running: 0, oldest: 0, depth: 1 },
    { name: "script", waiting: 0, running: 2, oldest: 0, depth: 3 },
  ]);
});

test("a sum spans labels and is unknown where nothing is told", () => {
  expect(sumOf(samplesOf(TEXT), "trunkline_queue_depth")).toBe(4);
  expect(sumOf(samplesOf(TEXT), "absent")).toBeUndefined();
});

test("the lag of a part is the worst of its figures", () => {
  const text = `gitops_behind_seconds{source="a"} 3
gitops_behind_seconds{source="b"} 70
trunkline_queue_oldest_seconds{queue="engine"} 2
trunkline_queue_oldest_seconds{queue="git"} 99
`;

  expect(lagOf(samplesOf(text), "reconciler")).toBe(70);
  expect(lagOf(samplesOf(text), "engine")).toBe(2);
  expect(lagOf(samplesOf(text), "beat")).toBeUndefined();
});

test("a queue is stuck at once without a worker that takes from it, else after a minute", () => {
  const worker = { type: "WORKER", state: "RUNNING", name: "w", queues: ["git"] };
  const queue = { name: "git", waiting: 1, running: 0, oldest: 5, depth: 1 };

  expect(consumersOf("git", [worker, { ...worker, state: "DRAINED" }])).toEqual(["w"]);
  expect(isStuck(queue, 0)).toBe(true);
  expect(isStuck(queue, 1)).toBe(false);
  expect(isStuck({ ...queue, oldest: 61 }, 1)).toBe(true);
  expect(isStuck({ ...queue, waiting: 0 }, 0)).toBe(false);
});
