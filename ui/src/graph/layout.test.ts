import { expect, test } from "vitest";
import { layoutOf } from "./layout";
import { type GraphAnswer, pictureOf } from "./model";

const node = (uid: string) => ({ uid, type: "GraphTask", task: { id: uid, type: "a.b.Log" } });
const ANSWER: GraphAnswer = {
  nodes: [node("first"), node("inner"), node("last")],
  edges: [
    { source: "first", target: "inner" },
    { source: "inner", target: "last" },
  ],
  clusters: [{ cluster: { uid: "g", taskNode: node("g") }, nodes: ["inner"], parents: [] }],
};

test("a node knows the group that holds it", () => {
  const { boxes } = pictureOf(ANSWER);

  expect(boxes.find((box) => box.uid === "inner")?.parent).toBe("group g");
  expect(boxes.find((box) => box.uid === "first")?.parent).toBeUndefined();
});

test("what comes later stands lower, and a group encloses what it holds", () => {
  const { boxes, routes } = layoutOf(pictureOf(ANSWER));
  const at = (uid: string) => boxes.find((box) => box.uid === uid) ?? boxes[0];
  const [first, inner, last, group] = ["first", "inner", "last", "group g"].map(at);

  expect(first?.y).toBeLessThan(inner?.y ?? 0);
  expect(inner?.y).toBeLessThan(last?.y ?? 0);
  expect(group?.y).toBeLessThanOrEqual(inner?.y ?? 0);
  expect(group?.height).toBeGreaterThanOrEqual(inner?.height ?? 0);
  expect(routes).toHaveLength(2);
});

test("a task of which a run is known carries its state", () => {
  const run = { id: "r", state: { current: "FAILED" } };
  const { boxes } = pictureOf({ ...ANSWER, nodes: [{ ...node("first"), taskRun: run }] });

  expect(boxes.at(-1)).toMatchObject({ state: "FAILED", taskRunId: "r" });
});
