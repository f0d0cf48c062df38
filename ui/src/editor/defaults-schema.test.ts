import { expect, test } from "vitest";
import { defaultsIn, defaultsSchema } from "./defaults-schema";

const LOG = "io.kestra.plugin.core.log.Log";
const WHOLE = {
  definitions: {
    "io.kestra.core.models.flows.PluginDefault": {
      type: "object",
      properties: { type: { type: "string" }, values: { type: "object" } },
    },
    [LOG]: {
      properties: {
        id: { type: "string" },
        type: { anyOf: [{ const: LOG }, { enum: ["io.kestra.core.tasks.log.Log"] }] },
        message: { type: "string", $required: true },
      },
      required: ["id", "type", "message"],
      additionalProperties: false,
    },
    Retry: { properties: { type: { const: "constant" } } },
  },
};

type Made = {
  items: { properties: { type: { anyOf: { enum: string[] }[] } }; allOf: object[] };
  definitions: Record<string, object>;
};

test("values of a type that is used are its properties, none of which has to be there", () => {
  const { items, definitions } = defaultsSchema(WHOLE, ["io.kestra.core.tasks.log.Log"]) as Made;
  expect(definitions[`values:${LOG}`]).toEqual({
    properties: { message: { type: "string" } },
    additionalProperties: false,
  });
  expect(items.allOf).toMatchObject([
    { if: { properties: { type: { enum: [LOG, "io.kestra.core.tasks.log.Log"] } } } },
  ]);
});

test("types complete with the names of plugins; the beginning of names leaves values open", () => {
  const { items } = defaultsSchema(WHOLE, ["io.kestra.plugin.core"]) as Made;
  expect(items.properties.type.anyOf[0]?.enum).toEqual([LOG]);
  expect(items.allOf).toEqual([]);
});

test("the types of a text are found while it is written", () => {
  expect(defaultsIn(`- type: ${LOG}\n  values: {\n-   type: "io.kestra.x"\n`)).toEqual([
    LOG,
    "io.kestra.x",
  ]);
});
