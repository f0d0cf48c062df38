import { expect, test } from "vitest";
import { taskAt, taskLines } from "./task-lines";

const TEXT = `id: f
namespace: a.b
tasks:
  - id: each
    type: core.flow.ForEach
    tasks:
      - id: say
        type: core.log.Log
        message: |
          one

          two

  - {id: last, type: core.log.Log}
inputs:
  - {id: x, type: STRING}
`;

test("each task has its lines, without the blank ones after it", () => {
  expect(taskLines(TEXT)).toEqual([
    { id: "each", first: 4, last: 12 },
    { id: "say", first: 7, last: 12 },
    { id: "last", first: 14, last: 14 },
  ]);
});

test.each([
  [5, "each"],
  [10, "say"],
  [14, "last"],
  [16, undefined],
])("line %i is of %s", (line, id) => {
  expect(taskAt(TEXT, line)).toBe(id);
});
