/** Every action of `actions.json` is on its page, and opens what it says: a rewrite may not lose one. */

import { readFileSync } from "node:fs";
import { api, launch, loggedIn, visit } from "./browser.mjs";

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
const server = await api();

async function sent(method, path, options = {}) {
  const answer = await server.fetch(path, { method, ...options });
  if (!answer.ok() && answer.status() !== 422) throw new Error(`${path}: ${await answer.text()}`);
  return answer;
}

const form = { headers: { "Content-Type": "multipart/form-data; boundary=x" }, data: "--x--" };
await sent("POST", "flows", { data: FLOW });
await sent("PUT", "flows/lab.actions/acts", { data: `${FLOW}description: Second\n` });
const started = await sent("POST", "executions/lab.actions/acts?wait=true", form);
const { id } = await started.json();
await sent("PUT", "namespaces/lab.actions/kv/key", { data: "1" });
await sent("PUT", "namespaces/lab.actions/secrets", {
  headers: { "Content-Type": "application/json" },
  data: JSON.stringify({ key: "NAME", value: "value" }),
});
await sent("POST", "namespaces/lab.actions/files?path=/sql/all.sql", {
  headers: { "Content-Type": "multipart/form-data; boundary=x" },
  data: '--x\r\nContent-Disposition: form-data; name="fileContent"; filename="a"\r\n\r\n1\r\n--x--',
});

async function missing(page, { name, opens, role = "button" }) {
  const action = page.getByRole(role, { name, exact: true }).first();
  const isThere = await action.waitFor({ timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  if (!isThere) return "is not there";
  if (opens === "there") return null;
  const before = page.url();
  await action.click();
  const seen =
    opens === "page"
      ? page.waitForURL((url) => url.href !== before, { timeout: 10_000 })
      : page.getByRole(opens).first().waitFor({ timeout: 10_000 });
  return seen.then(
    () => null,
    () => `opens no ${opens}`,
  );
}

const browser = await launch();
const { page, errors } = await loggedIn(browser);
const lost = [];
let count = 0;
const file = new URL("../actions.json", import.meta.url);
for (const [place, actions] of Object.entries(JSON.parse(readFileSync(file, "utf8")))) {
  const address = place.replace("EXECUTION", id).replace("BINDING", BINDING);
  let isFresh = false;
  for (const action of actions) {
    if (!isFresh) await visit(page, address);
    const wrong = await missing(page, action);
    if (wrong) lost.push(`${place}: ${action.name} ${wrong}`);
    isFresh = action.opens === "there" && !wrong;
    count += 1;
  }
}
await browser.close();
for (const line of [...lost, ...errors]) console.error(line);
console.log(`${count} actions, ${lost.length} lost`);
process.exit(lost.length + errors.length ? 1 : 0);
