import { expect, test } from "vitest";
import { exampleOf, typeText } from "./schema";

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
