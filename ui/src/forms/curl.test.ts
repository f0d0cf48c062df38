import { expect, test } from "vitest";
import { curlOf } from "./curl";

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
