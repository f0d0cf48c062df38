import { expect, test } from "vitest";
import { typeAt } from "./type-at";

const TEXT = `id: f
namespace: a.b
tasks:
  - id: each
    type: core.flow.ForEach
    values: [1]
    tasks:
      - id: say
        type: core.log.Log
        message: hello
  - id: last
    type: core.debug.Return
inputs:
  - {id: a, type: STRING}
`;

test.each([
  [1, null],
  [6, "core.flow.ForEach"],
  [8, "core.log.Log"],
  [10, "core.log.Log"],
  [11, "core.debug.Return"],
  [14, null],
])("line %i stands in %s", (line, type) => {
  expect(typeAt(TEXT, line)).toBe(type);
});

test("a text that is no YAML has none where it cannot be read", () => {
  expect(typeAt("tasks: [", 1)).toBe(null);
});
