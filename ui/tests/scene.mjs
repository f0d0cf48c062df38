/** What the actions of `actions.json` are there for: one of everything, in `lab.actions`. */

import { readFileSync } from "node:fs";
import { api } from "./browser.mjs";

const BINDING = process.env.TRUNKLINE_UI_BINDING;
if (!BINDING) throw new Error("TRUNKLINE_UI_BINDING names a binding that owns lab.owned/load");
const FLOW = `id: acts
namespace: lab.actions
triggers:
  - {id: nightly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 2 * * *"}
tasks:
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: left, type: io.kestra.plugin.core.log.Log, message: left}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail}
`;
const SUITE = `id: acts-tests
namespace: lab.actions
flowId: acts
testCases:
  - id: fails
    type: io.kestra.core.tests.flow.UnitTest
    assertions: [{value: "{{ execution.state }}", equalTo: FAILED}]
  - id: goes-well
    type: io.kestra.core.tests.flow.UnitTest
    assertions: [{value: "{{ execution.state }}", equalTo: SUCCESS}]
`;
const THERE = [409, 422];
const server = await api();

async function sent(method, path, options = {}) {
  const answer = await server.fetch(path, { method, ...options });
  if (answer.ok() || THERE.includes(answer.status())) return answer;
  throw new Error(`${path}: ${await answer.text()}`);
}

const form = { headers: { "Content-Type": "multipart/form-data; boundary=x" }, data: "--x--" };
const json = (data) => ({
  headers: { "Content-Type": "application/json" },
  data: JSON.stringify(data),
});

/** Makes what is missing; gives the id of the failed execution. */
async function made() {
  await sent("POST", "flows", { data: FLOW });
  await sent("PUT", "flows/lab.actions/acts", { data: `${FLOW}description: Second\n` });
  const started = await sent("POST", "executions/lab.actions/acts?wait=true", form);
  await sent("POST", "tests", { data: SUITE });
  await sent("POST", "tests/lab.actions/acts-tests/run");
  await sent("PUT", "namespaces/lab.actions/kv/key", { data: "1" });
  await sent("PUT", "namespaces/lab.actions/secrets", json({ key: "NAME", value: "value" }));
  await sent("POST", "namespaces/lab.actions/files?path=/sql/all.sql", {
    headers: form.headers,
    data: '--x\r\nContent-Disposition: form-data; name="fileContent"; filename="a"\r\n\r\n1\r\n--x--',
  });
  await sent("POST", "groups", json({ name: "lab.actions" }));
  await sent("POST", "roles", json({ name: "lab.actions", permissions: ["flow:read"] }));
  const groups = await (await sent("GET", "groups/search?q=lab.actions")).json();
  const bound = { type: "GROUP", externalId: groups.results[0].id, roleId: "viewer" };
  await sent("POST", "bindings", json(bound));
  return (await started.json()).id;
}

/** `[address, actions]` of each page. */
export async function actionsOfPages() {
  const id = await made();
  const file = new URL("../actions.json", import.meta.url);
  return Object.entries(JSON.parse(readFileSync(file, "utf8"))).map(([place, actions]) => [
    place.replace("EXECUTION", id).replace("BINDING", BINDING),
    actions,
  ]);
}
