import { expect, test } from "vitest";
import { askedAt, valueAt } from "./expression-at";

test.each([
  ["message: {{ ", { kind: "name", path: [], word: "" }],
  ["message: {{ inp", { kind: "name", path: [], word: "inp" }],
  ["message: {{ outputs.", { kind: "name", path: ["outputs"], word: "" }],
  ["message: {{ outputs.load.bo", { kind: "name", path: ["outputs", "load"], word: "bo" }],
  ["x: {{ outputs['load-all'].", { kind: "name", path: ["outputs", "load-all"], word: "" }],
  ["message: {{ a.x ~ vars.o", { kind: "name", path: ["vars"], word: "o" }],
  ["message: {{ a }} and {{ labels.", { kind: "name", path: ["labels"], word: "" }],
  ["message: {{ inputs.a | up", { kind: "filter", word: "up" }],
  ["message: {{ inputs.a || b", { kind: "name", path: [], word: "b" }],
  ["message: {{ secret('GI", { kind: "argument", of: "secret", word: "GI" }],
  ["runIf: {% if inputs.", { kind: "name", path: ["inputs"], word: "" }],
])("%s", (before, asked) => {
  expect(askedAt(before)).toEqual(asked);
});

test.each(["message: hello", "message: {{ a }} b", "message: {{ 'text of my o"])(
  "%s is no place for a name",
  (before) => {
    expect(askedAt(before)).toBe(null);
  },
);

test("the value of a property is what follows its name", () => {
  expect(valueAt("    flowId: chi")).toEqual({ property: "flowId", word: "chi" });
  expect(valueAt("  - namespace: ")).toEqual({ property: "namespace", word: "" });
  expect(valueAt("  - id")).toBe(null);
});
