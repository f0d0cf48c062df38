import { expect, test } from "vitest";
import { fold, foldedAtFirst, foldedFor, foldedFrom, levelsOf, MOST_OPEN } from "./fold";
import type { Box, Picture } from "./model";
import { withRuns } from "./model";

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

test("levels count named groups only, and are folded from the deepest up", () => {
  const nested = {
    ...PICTURE,
    boxes: [{ ...group("nameless"), title: "" }, ...PICTURE.boxes, group("deep", "nameless")],
  };

  expect(Object.fromEntries(levelsOf(nested))).toEqual({ outer: 1, inner: 2, deep: 1 });
  expect(foldedFrom(PICTURE, 2)).toEqual(new Set(["inner"]));
  expect(foldedFor(PICTURE, 5)).toEqual(new Set());
  expect(foldedFor(PICTURE, 4)).toEqual(new Set(["inner"]));
  expect(foldedFor(PICTURE, 3)).toEqual(new Set(["outer", "inner"]));
});

const run = (taskId: string, state: string, n = 0) => ({
  id: `${taskId}${n}`,
  taskId,
  state: { current: state },
});

test("a task that ran once shows its state, one of a loop its counts, and the loop is folded", () => {
  const runs = [
    run("first", "SUCCESS"),
    run("a", "SUCCESS"),
    run("a", "FAILED", 1),
    run("b", "RUNNING"),
  ];

  const picture = withRuns(PICTURE, runs);
  const of = (uid: string) => picture.boxes.find((box) => box.uid === uid);

  expect(of("first")).toMatchObject({ state: "SUCCESS", counts: undefined });
  expect(of("a")).toMatchObject({ state: "FAILED", counts: { SUCCESS: 1, FAILED: 1 } });
  expect(of("last")?.state).toBeUndefined();
  expect(foldedAtFirst(picture)).toEqual(new Set(["inner"]));
  expect(fold(picture, new Set(["inner"])).boxes.find((b) => b.folded)?.folded?.states).toEqual({
    SUCCESS: 1,
    FAILED: 1,
    RUNNING: 1,
  });
});
