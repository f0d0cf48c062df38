import { expect, test } from "vitest";
import { joined } from "./dependencies";

const node = (id: string) => ({ uid: `main_${id}`, namespace: "a", id });
const line = (source: string, target: string) => ({ source, target, relation: "FLOW_TASK" });

test("what two answers have in common is there once", () => {
  const one = { nodes: [node("a"), node("b")], edges: [line("a", "b")] };
  const other = { nodes: [node("b"), node("c")], edges: [line("a", "b"), line("b", "c")] };

  const all = joined([one, other]);

  expect(all.nodes.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(all.edges).toHaveLength(2);
});
