import { expect, test } from "vitest";
import { choicesOf, exampleOf, flowOf, nestedOf, typeText } from "./schema";

test.each([
  [{ type: "string" }, "string"],
  [{ type: "string", format: "duration" }, "duration"],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string"],
  [{ type: "array", items: { $ref: "#/definitions/Task" } }, "list of Task"],
  [{ enum: ["A", "B"] }, "A | B"],
  [{}, "anything"],
])("%j reads as %s", (property, text) => {
  expect(typeText(property)).toBe(text);
});

test("an example names what is required and no more", () => {
  expect(exampleOf("a.b.Log", { required: ["id", "type", "message"] })).toBe(
    "id: log\ntype: a.b.Log\nmessage: …",
  );
});

test("what stands within a property is found through lists and alternatives", () => {
  const known = {
    Retry: { properties: { max: { type: "integer" } } },
    Level: { enum: ["INFO", "WARN"] },
    "io.kestra.Runner": { properties: { image: { type: "string" } } },
  };
  const list = { type: "array", items: { anyOf: [{ $ref: "#/definitions/Retry" }, {}] } };
  expect(nestedOf(list, known)).toEqual([["Retry", known.Retry]]);
  expect(nestedOf({ $ref: "#/definitions/io.kestra.Runner" }, known)).toEqual([]);
  expect(nestedOf({ properties: { a: {} } }, known)).toEqual([["", { properties: { a: {} } }]]);
  expect(choicesOf({ $ref: "#/definitions/Level" }, known)).toEqual(["INFO", "WARN"]);
});

test("the least of a task or a trigger becomes a flow", () => {
  expect(flowOf("tasks", "id: a\ntype: T")).toContain("tasks:\n  - id: a\n    type: T\n");
  expect(flowOf("triggers", "id: a\ntype: T")).toMatch(
    /triggers:\n {2}- id: a[\s\S]*tasks:\n {2}- id: hello/,
  );
});
