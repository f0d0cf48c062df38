import { expect, test } from "vitest";
import { type Known, suggestionsAt } from "./suggestions";

const HEAD = `id: f
namespace: a.b
inputs:
  - {id: day, type: DATE}
variables: {one: 1}
labels: {team: x}
triggers:
  - {id: nightly, type: core.Schedule}
tasks:
  - id: load-all
    type: core.http.Request
`;
const OUTPUTS: Record<string, string[]> = {
  "core.http.Request": ["body", "code"],
  "core.Schedule": ["date"],
};
const known: Known = {
  functions: async () => [
    { name: "secret", arguments: ["name"] },
    { name: "now", arguments: [] },
  ],
  filters: async () => ["upper"],
  outputsOf: async (type) => OUTPUTS[type] ?? [],
  secrets: async (namespace) => [`TOKEN of ${namespace}`],
  keys: async () => ["key"],
  files: async () => ["/sql/a.sql"],
  flows: async (namespace) => [`child of ${namespace}`],
  namespaces: async () => ["a.b", "a.c"],
};

async function at(text: string) {
  const whole = HEAD + text;
  return suggestionsAt(whole.split("\n"), whole, known);
}
const labels = async (text: string) => (await at(text))?.map(({ label }) => label);

test.each([
  ["    uri: '{{ inputs.", ["day"]],
  ["    uri: '{{ vars.", ["one"]],
  ["    uri: '{{ labels.", ["team"]],
  ["    uri: '{{ trigger.", ["date"]],
  ["    uri: '{{ outputs.", ["load-all"]],
  ["    uri: '{{ outputs['load-all'].", ["body", "code"]],
  ["    uri: '{{ flow.n", ["id", "namespace", "revision", "tenantId"]],
  ["    uri: '{{ inputs.day | u", ["upper"]],
  ["    uri: \"{{ secret('", ["TOKEN of a.b"]],
  ["    uri: \"{{ kv('", ["key"]],
  ["    uri: \"{{ read('", ["sql/a.sql"]],
  ["    uri: nsfile:///s", ["sql/a.sql"]],
  ["    namespaceFiles:\n      include:\n        - ", ["sql/a.sql"]],
  ["    namespace: ", ["a.b", "a.c"]],
  ["    flowId: ", ["child of a.b"]],
  ["    namespace: a.c\n    flowId: ", ["child of a.c"]],
])("%s", async (text, wanted) => {
  expect(await labels(text)).toEqual(wanted);
});

test("an expression begins with a root or a function", async () => {
  expect(await labels("    uri: '{{ ")).toEqual(
    expect.arrayContaining(["inputs", "outputs", "taskrun", "secret", "now"]),
  );
});

test("a name that is no word stands in brackets, and its dot goes", async () => {
  expect((await at("    uri: '{{ outputs.lo"))?.[0]).toMatchObject({
    insert: "['load-all']",
    over: 3,
  });
});

test("an expression may go over lines", async () => {
  expect(await labels("    uri: |\n      {{\n        inputs.")).toEqual(["day"]);
});

test("elsewhere the schema answers", async () => {
  expect(await at("    meth")).toBe(null);
  expect(await at("    method: ")).toBe(null);
});
