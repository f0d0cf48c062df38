import { expect, test } from "vitest";
import { consumersOf, isHeld, isStuck, lagOf, samplesOf, servedOf } from "./figures";

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
  const queue = { waiting: 1, running: 0, oldestSeconds: 5 };

  expect(consumersOf("git", [worker, { ...worker, state: "DRAINED" }])).toEqual(["w"]);
  expect(isStuck(queue, 0)).toBe(true);
  expect(isStuck(queue, 1)).toBe(false);
  expect(isStuck({ ...queue, oldestSeconds: 61 }, 1)).toBe(true);
  expect(isStuck({ ...queue, waiting: 0 }, 0)).toBe(false);
});

test("the tags of a worker are told by its queues, of which the plain ones are shown", () => {
  const tagged = ["script", "docker", "script.eu", "script.gpu", "script.eu+gpu", "docker.eu"];

  expect(servedOf(tagged)).toEqual({ queues: ["script", "docker"], tags: ["eu", "gpu"] });
  expect(servedOf(["script.night"])).toEqual({ queues: ["script.night"], tags: ["night"] });
  expect(servedOf()).toEqual({ queues: [], tags: [] });
});

test("a queue that somebody paused is held and not stuck, whoever serves it", () => {
  const queue = { waiting: 1, running: 0, oldestSeconds: 61, pausedSince: "2026-01-01T00:00:00Z" };

  expect([isHeld(queue), isStuck(queue, 0), isStuck(queue, 1)]).toEqual([true, false, false]);
  expect(isHeld({ ...queue, waiting: 0 })).toBe(false);
});
