import { expect, test } from "vitest";
import { foundIn, holdersOf } from "./find-task";
import type { Box, Picture } from "./model";
import { stepFrom, stepOf } from "./walk";

const box = (uid: string, title = uid): Box => ({ uid, title, type: "", isGroup: false });
const PICTURE: Picture = {
  boxes: [box("first"), box("point", ""), box("left"), box("right"), box("last")],
  lines: [
    { source: "first", target: "point" },
    { source: "point", target: "left" },
    { source: "point", target: "right" },
    { source: "left", target: "last" },
    { source: "right", target: "last" },
  ],
};

test("a step leads along the lines, and passes points without a name", () => {
  expect(stepFrom(PICTURE, "first", "next")).toBe("left");
  expect(stepFrom(PICTURE, "right", "before")).toBe("first");
  expect(stepFrom(PICTURE, "last", "next")).toBeUndefined();
});

test("sideways it leads to what comes from the same box", () => {
  expect(stepFrom(PICTURE, "left", "right")).toBe("right");
  expect(stepFrom(PICTURE, "right", "left")).toBe("left");
  expect(stepFrom(PICTURE, "left", "left")).toBeUndefined();
});

test("arrows follow the direction of the picture", () => {
  expect([stepOf("ArrowDown", "TB"), stepOf("ArrowRight", "LR")]).toEqual(["next", "next"]);
  expect(stepOf("x", "TB")).toBeUndefined();
});

test("a task is found by a part of its name, with the groups around it", () => {
  const picture = {
    boxes: [
      { ...box("outer"), isGroup: true },
      { ...box("inner"), isGroup: true, parent: "outer" },
      { ...box("Load users"), parent: "inner" },
    ],
    lines: [],
  };

  const [found] = foundIn(picture, "load");

  expect(found?.uid).toBe("Load users");
  expect(holdersOf(picture, "Load users")).toEqual(["inner", "outer"]);
  expect([foundIn(picture, "  "), foundIn(picture, "inner")]).toEqual([[], []]);
});
