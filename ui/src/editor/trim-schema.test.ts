import { expect, test } from "vitest";
import { trimSchema } from "./trim-schema";

const typed = (name: string, more = {}) => ({
  properties: {
    type: { const: name },
    count: { type: "integer", title: "How many.", description: "How many.", default: 3, ...more },
  },
  required: ["type"],
});
const NAMES = ["io.plugin.A", "io.plugin.B", "io.plugin.C", "io.plugin.D"];
const WHOLE = {
  $ref: "#/definitions/Flow",
  definitions: {
    Flow: { properties: { tasks: { items: { $ref: "#/definitions/Task" } } } },
    Task: { anyOf: NAMES.map((name) => ({ $ref: `#/definitions/${name}` })) },
    ...Object.fromEntries(NAMES.map((name) => [name, typed(name)])),
  },
};
type Cut = { definitions: Record<string, { anyOf: object[]; properties: Record<string, object> }> };
const cut = (used: string[]) => trimSchema(WHOLE, used, (type) => `/plugins/${type}`) as Cut;

test("only the types of the text are there in full, the others by their names", () => {
  const { definitions } = cut(["io.plugin.B"]);

  expect(Object.keys(definitions).sort()).toEqual(["Flow", "Task", "io.plugin.B"]);
  expect(definitions.Task?.anyOf).toEqual([
    { $ref: "#/definitions/io.plugin.B" },
    {
      type: "object",
      properties: { type: { enum: ["io.plugin.A", "io.plugin.C", "io.plugin.D"] } },
      required: ["type"],
    },
  ]);
});

test("where all are used none is left to name", () => {
  expect(cut(NAMES).definitions.Task?.anyOf).toHaveLength(4);
});

test("a property says its type, default and page, and its text once", () => {
  expect(cut(["io.plugin.A"]).definitions["io.plugin.A"]?.properties.count).toEqual({
    type: "integer",
    description: "How many.",
    default: 3,
    markdownDescription: "How many.\n\n`integer` · default `3` · [Reference](/plugins/io.plugin.A)",
  });
});
