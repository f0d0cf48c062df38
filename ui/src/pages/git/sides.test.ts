import { expect, test } from "vitest";
import { sidesOf } from "./sides";

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
