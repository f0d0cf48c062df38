import { expect, test } from "vitest";
import { fitting, gitText, sidesOf, statesOf } from "./sides";

test("a unified diff falls apart into the text of Git and the live one", () => {
  const diff = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n id: a\n-old: 1\n+new: 2\n end: x\n";

  expect(sidesOf(diff)).toEqual({
    git: "id: a\nnew: 2\nend: x\n",
    live: "id: a\nold: 1\nend: x\n",
  });
});

test("lines before the first hunk and notes on line ends belong to no text", () => {
  const diff = "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b";

  expect(sidesOf(diff)).toEqual({ git: "b", live: "a" });
});

const items = [
  { kind: "FLOW", key: "a/one", state: "Drifted" },
  { kind: "FILE", key: "a:two.sql", state: "OutOfSync" },
  { kind: "FLOW", key: "a/three", state: "Drifted" },
];

test("items are found by a part of kind and name, and by their state", () => {
  expect(fitting(items, "TWO").map(({ key }) => key)).toEqual(["a:two.sql"]);
  expect(fitting(items, "flow", "Drifted")).toHaveLength(2);
  expect(statesOf(items)).toEqual(["Drifted", "OutOfSync"]);
});

test("the text of Git is what runs here with the difference applied", () => {
  const diff = "--- live\n+++ git\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";

  expect(gitText("a\nb\n", diff)).toBe("a\nc\n");
  expect(gitText("quite\nanother\n", diff)).toBeNull();
});
