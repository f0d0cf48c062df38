import { expect, test } from "vitest";
import { queuesOf, samplesOf, sumOf } from "./figures";

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
