import { expect, test } from "vitest";
import { chunksOf, mergedText } from "./merge";

const text = (...lines: string[]) => lines.map((line) => `${line}\n`).join("");
const BASE = text("a", "b", "c", "d", "e");
const kinds = (theirs: string, mine: string) =>
  chunksOf(BASE, theirs, mine)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== "same");
const merged = (theirs: string, mine: string, choices = {}) =>
  mergedText(chunksOf(BASE, theirs, mine), choices);

test("what each changed alone is taken", () => {
  const [theirs, mine] = [text("A", "b", "c", "d", "e"), text("a", "b", "c", "d", "E")];

  expect(kinds(theirs, mine)).toEqual(["theirs", "mine"]);
  expect(merged(theirs, mine)).toBe(text("A", "b", "c", "d", "E"));
});

test("what both changed alike is no conflict", () => {
  const same = text("a", "x", "c", "d", "e");

  expect(kinds(same, same)).toEqual([]);
  expect(merged(same, same)).toBe(same);
});

test("of what both changed one is chosen, or both", () => {
  const [theirs, mine] = [text("a", "b", "T", "d", "e"), text("a", "b", "M", "d", "e")];

  expect(kinds(theirs, mine)).toEqual(["both"]);
  expect(merged(theirs, mine)).toBe(mine);
  expect(merged(theirs, mine, { 1: "theirs" })).toBe(theirs);
  expect(merged(theirs, mine, { 1: "both" })).toBe(text("a", "b", "T", "M", "d", "e"));
});

test("lines that one adds and another removes are kept apart", () => {
  const [theirs, mine] = [text("a", "new", "b", "c", "d", "e"), text("a", "b", "c", "e")];

  expect(kinds(theirs, mine)).toEqual(["theirs", "mine"]);
  expect(merged(theirs, mine)).toBe(text("a", "new", "b", "c", "e"));
});

test("lines at the end are added, and a text that nobody changed is itself", () => {
  expect(merged(`${BASE}f\n`, BASE)).toBe(`${BASE}f\n`);
  expect(merged(BASE, BASE)).toBe(BASE);
});

test("a whole other text is taken whole", () => {
  expect(merged(BASE, "other\n")).toBe("other\n");
});
