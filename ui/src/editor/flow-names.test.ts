import { expect, test } from "vitest";
import { namesOf } from "./flow-names";

const TEXT = `id: f
namespace: a.b
variables: {one: 1}
labels: {team: x}
inputs:
  - {id: day, type: DATE}
triggers:
  - id: nightly
    type: core.Schedule
tasks:
  - id: each
    type: core.flow.ForEach
    tasks:
      - id: say
        type: core.log.Log
        message: "{{ "
`;

test("a text tells its names", () => {
  expect(namesOf(TEXT)).toEqual({
    namespace: "a.b",
    inputs: ["day"],
    vars: ["one"],
    labels: ["team"],
    triggers: [{ id: "nightly", type: "core.Schedule" }],
    tasks: [
      { id: "each", type: "core.flow.ForEach" },
      { id: "say", type: "core.log.Log" },
    ],
    types: ["DATE", "core.Schedule", "core.flow.ForEach", "core.log.Log"],
  });
});

test("a text that is being written tells what it has so far", () => {
  const names = namesOf(`${TEXT}  - id: last\n    type: core.x.Y\n    message: "{{ outputs.`);

  expect(names.tasks.map(({ id }) => id)).toContain("last");
});
