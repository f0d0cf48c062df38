import { expect, test } from "vitest";
import { fold, foldedAtFirst, MOST_OPEN } from "./fold";
import type { Box, Picture } from "./model";

const task = (uid: string, parent?: string, state?: string): Box => ({
  uid,
  parent,
  title: uid,
  type: "a.b.Log",
  isGroup: false,
  state,
});
const group = (uid: string, parent?: string): Box => ({ ...task(uid, parent), isGroup: true });
const PICTURE: Picture = {
  boxes: [
    group("outer"),
    group("inner", "outer"),
    task("first"),
    task("a", "inner", "FAILED"),
    task("b", "inner", "SUCCESS"),
    task("c", "outer", "SUCCESS"),
    task("last"),
  ],
  lines: [
    { source: "first", target: "a" },
    { source: "a", target: "b" },
    { source: "b", target: "c" },
    { source: "c", target: "last" },
  ],
};
const names = ({ boxes }: Picture) => boxes.map(({ uid }) => uid);

test("a folded group stands for what it holds, and counts it by state", () => {
  const { boxes, lines } = fold(PICTURE, new Set(["outer"]));

  expect(names({ boxes, lines })).toEqual(["outer", "first", "last"]);
  expect(boxes[0]?.folded).toEqual({ count: 3, states: { FAILED: 1, SUCCESS: 2 } });
  expect(boxes[0]?.isGroup).toBe(false);
  expect(lines).toEqual([
    { source: "first", target: "outer" },
    { source: "outer", target: "last" },
  ]);
});

test("of two folded groups within each other the outer one is seen", () => {
  expect(names(fold(PICTURE, new Set(["outer", "inner"])))).toEqual(["outer", "first", "last"]);
  expect(names(fold(PICTURE, new Set(["inner"])))).toEqual([
    "outer",
    "inner",
    "first",
    "c",
    "last",
  ]);
});

test("only a large picture begins folded", () => {
  const many = Array.from({ length: MOST_OPEN + 1 }, (_, n) => task(`t${n}`, "outer"));

  expect(foldedAtFirst(PICTURE)).toEqual(new Set());
  expect(foldedAtFirst({ boxes: [group("outer"), ...many], lines: [] })).toEqual(
    new Set(["outer"]),
  );
});
