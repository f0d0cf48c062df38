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

test("from left to right what comes later stands farther right", () => {
  const { boxes } = layoutOf(pictureOf(ANSWER), "LR");
  const [first, last] = ["first", "last"].map((uid) => boxes.find((box) => box.uid === uid));

  expect(first?.x).toBeLessThan(last?.x ?? 0);
});

test("a line into a group leads on to the box within it, and every box lies within its group", () => {
  const { boxes, routes } = layoutOf(pictureOf(ANSWER));
  const [group, inner] = ["group g", "inner"].map((uid) => boxes.find((box) => box.uid === uid));
  const [into] = routes.filter(({ target }) => target === "inner");

  expect(into?.points.at(-1)?.y).toBe(inner?.y);
  expect(inner?.x).toBeGreaterThanOrEqual(group?.x ?? 0);
  expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual(
    (group?.y ?? 0) + (group?.height ?? 0),
  );
});

test("a group that stands in a group that stands in a group has its place", () => {
  const clusters = ["g", "h", "i"].map((uid, n) => ({
    cluster: { uid, taskNode: node(uid) },
    nodes: uid === "i" ? ["inner"] : [],
    parents: ["g", "h"].slice(0, n),
  }));

  const { boxes } = layoutOf(pictureOf({ ...ANSWER, clusters }));

  const at = (uid: string) => boxes.find((box) => box.uid === uid)?.y ?? 0;
  expect(at("group g")).toBeLessThan(at("group h"));
  expect(at("group h")).toBeLessThan(at("group i"));
  expect(at("group i")).toBeLessThan(at("inner"));
});
