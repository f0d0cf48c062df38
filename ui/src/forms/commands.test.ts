import { expect, test } from "vitest";
import { cliOf, curlOf, pythonOf, type Run } from "./commands";

const ADDRESS = "http://host/api/v1/main/executions/a/b?labels=team%3Adata";

test("a call is a command whose texts the shell does not read", () => {
  const inputs = [
    { id: "text", type: "STRING" },
    { id: "none", type: "STRING" },
    { id: "data", type: "FILE" },
  ];
  const filled = { text: "it's $HOME; @x", none: "", data: new File(["x"], "local.csv") };

  const lines = curlOf(ADDRESS, inputs, filled).split(" \\\n  ");

  expect(lines).toEqual([
    "curl -X POST",
    '-H "Authorization: Bearer $TRUNKLINE_TOKEN"',
    `--form-string 'text=it'\\''s $HOME; @x'`,
    "-F 'files=@local.csv;filename=data'",
    `'${ADDRESS}'`,
  ]);
});

test("a secret is not in it", () => {
  const command = curlOf(ADDRESS, [{ id: "api-key", type: "SECRET" }], { "api-key": "hush" });

  expect(command).not.toContain("hush");
  expect(command).toContain('--form-string "api-key=$API_KEY"');
});

const RUN: Run = {
  server: "http://host",
  namespace: "a.b",
  flow: "f",
  labels: ["team:data"],
  wait: true,
};
const INPUTS = [
  { id: "text", type: "STRING" },
  { id: "api-key", type: "SECRET" },
  { id: "data", type: "FILE" },
];
const FILLED = { text: 'say "x"', "api-key": "hush", data: new File(["x"], "local.csv") };

test("a program gives the inputs, and a secret from outside", () => {
  const program = pythonOf({ ...RUN, revision: 3 }, INPUTS, FILLED);

  expect(program).toContain('"text": "say \\"x\\"",');
  expect(program).toContain('"api-key": os.environ["API_KEY"],');
  expect(program).toContain('"data": ("local.csv", Path("local.csv").read_bytes()),');
  expect(program).toContain("revision=3,");
  expect(program).toContain('labels=["team:data"],');
  expect(program).not.toContain("hush");
});

test("the command line names file, secret, label and waiting", () => {
  expect(cliOf(RUN, INPUTS, FILLED)?.split(" \\\n  ")).toEqual([
    "trunkline --server 'http://host' flow run a.b f",
    `--input 'text=say "x"'`,
    '--input "api-key=$API_KEY"',
    "--input 'data=@local.csv'",
    "--label 'team:data'",
    "--wait",
  ]);
});

test("what the command line cannot say it does not pretend to", () => {
  expect(cliOf({ ...RUN, revision: 2 }, INPUTS, FILLED)).toBe(null);
});
