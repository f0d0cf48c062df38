import { expect, test } from "vitest";
import { pairsOf, shownOf } from "./diff-view";

test("a changed line stands beside what it was", () => {
  expect(pairsOf("a\nb\nc\n", "a\nB\nc\n")).toEqual([
    { left: "a", right: "a", kind: "same" },
    { left: "b", right: "B", kind: "changed" },
    { left: "c", right: "c", kind: "same" },
  ]);
});

test("what was only added or only removed has nothing beside it", () => {
  expect(pairsOf("a\n", "a\nb\n").at(-1)).toEqual({ left: undefined, right: "b", kind: "changed" });
  expect(pairsOf("a\nb\n", "a\n").at(-1)).toEqual({ left: "b", right: undefined, kind: "changed" });
});

test("far from a change nothing is shown", () => {
  const lines = Array.from({ length: 40 }, (_, n) => `line ${n}`);
  const changed = [...lines];
  changed[20] = "other";

  const rows = shownOf(pairsOf(lines.join("\n"), changed.join("\n")));

  expect(rows.map((row) => row.number)).toEqual([17, 18, 19, 20, 21, 22, 23]);
});

test("equal texts show nothing", () => {
  expect(shownOf(pairsOf("a\nb", "a\nb"))).toEqual([]);
});

test("white space at the ends of lines may make no difference", () => {
  const changed = (ignoreSpace: boolean) =>
    pairsOf("a\n b\n", "a\nb \n", ignoreSpace).filter(({ kind }) => kind === "changed").length;

  expect(changed(false)).toBe(1);
  expect(changed(true)).toBe(0);
});
