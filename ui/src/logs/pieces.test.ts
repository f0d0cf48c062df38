import { expect, test } from "vitest";
import { pieces, plain, prettyJson, rowOf } from "./pieces";

test("colours of terminals become tokens, other sequences vanish", () => {
  const message = "\u001b[1;31mbad\u001b[0m and \u001b[92mgood\u001b[39m\u001b[2K";

  expect(pieces(message, null)).toEqual([
    { text: "bad", color: "failed-text", isBold: true },
    { text: " and " },
    { text: "good", color: "success-text" },
  ]);
  expect(plain(message)).toBe("bad and good");
});

test("a colour out of 256 is left out with its numbers", () => {
  expect(pieces("\u001b[38;5;31mplain\u001b[38;2;31;32;33m too", null)).toEqual([
    { text: "plain" },
    { text: " too" },
  ]);
});

test("what was found is marked everywhere, within links too", () => {
  const found = pieces("see https://a.example/x?q=1, twice x", /x/gi);

  expect(found.filter(({ isFound }) => isFound)).toHaveLength(3);
  expect(found.filter(({ href }) => href)[0]?.href).toBe("https://a.example/x?q=1");
  expect(found.map(({ text }) => text).join("")).toBe("see https://a.example/x?q=1, twice x");
});

test("an expression that finds nothing at each place marks nothing", () => {
  expect(pieces("abc", /z*/g)).toEqual([{ text: "abc" }]);
});

test("a row shows the first line, and how many follow", () => {
  expect(rowOf("one\ntwo\nthree\n")).toEqual({ head: "one", more: 2 });
  expect(rowOf("one\n")).toEqual({ head: "one", more: 0 });
  expect(rowOf("x".repeat(9_000)).head).toHaveLength(4_000);
});

test("JSON is laid out, what only begins like it is not", () => {
  expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(prettyJson("{{ outputs }}")).toBeNull();
  expect(prettyJson("12")).toBeNull();
});
