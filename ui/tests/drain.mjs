/** A queue is paused and resumed, a worker drained and let work again, from the page of workers. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, until, visit } from "./browser.mjs";

const FLOW = `id: rests
namespace: lab.rests
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["true"]
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "it went on"}
`;
const server = await api();
const saved = await server.post("flows", { data: FLOW });
if (!saved.ok() && saved.status() !== 422) throw new Error(await saved.text());
const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const read = async (path) => (await server.get(path)).json();
const marks = async () => (await read("instance/services/drained")).drained;
const started = async () => {
  const form = { headers: { "Content-Type": "multipart/form-data; boundary=x" }, data: "--x--" };
  return (await (await server.post("executions/lab.rests/rests", form)).json()).id;
};
const stateOf = (state) =>
  page.getByRole("row").filter({ hasText: "worker" }).filter({ hasText: state }).first();
// expressions, since a text would be looked for in any case: each row has a button to drain it
const RUNNING = /RUNNING/;
const DRAINED = /DRAINED/;

const queue = () => page.getByRole("row").filter({ hasText: /^script/ });
await step("a queue is paused after a question", async () => {
  await visit(page, "/main/workers");
  await page.getByRole("button", { name: "Pause the queue script", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause", exact: true }).click();
  await queue().getByText("PAUSED").waitFor();
});

await step("what waits in it says so, here and on its own page", async () => {
  let id = await started();
  await until(async () => {
    // a worker looks for marks every two seconds: what came before it looked has run
    const { state } = await read(`executions/${id}`);
    if (state.current === "SUCCESS") id = await started();
    const { results } = await read("instance/queues");
    const { oldestSeconds } = results.find(({ name }) => name === "script");
    return oldestSeconds > 4;
  });
  await page.getByText("in script, which is paused").waitFor();
  await visit(page, `/main/executions/lab.rests/rests/${id}`);
  await page.getByText("somebody paused the queue script").waitFor();

  const asked = [];
  page.on("request", (request) => {
    const path = new URL(request.url()).pathname.split(`/executions/${id}`)[1];
    if (path === "" || path === "/changes") asked.push(path);
  });
  await server.delete("instance/queues/paused/script");
  await page.locator(".page-head .state", { hasText: "SUCCESS" }).waitFor();
  assert.ok(asked.includes("/changes"), "nothing was patched");
  assert.ok(!asked.includes(""), `all was read again: ${asked}`);
});

await step("a worker is drained after a question", async () => {
  await visit(page, "/main/workers");
  await stateOf(RUNNING).waitFor();
  await page
    .getByRole("button", { name: /^Drain / })
    .first()
    .click();
  assert.deepEqual(await marks(), []);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Drain", exact: true }).click();
  await page.getByText("is drained: it takes no work").waitFor();
  assert.equal((await marks()).length, 1);
});

await step("it stands still", async () => {
  await stateOf(DRAINED).waitFor({ timeout: 60_000 });
});

await step("it is let work again", async () => {
  await page.getByRole("button", { name: "Let it work again" }).click();
  await page.getByText("is drained: it takes no work").waitFor({ state: "detached" });
  assert.deepEqual(await marks(), []);
  await stateOf(RUNNING).waitFor({ timeout: 60_000 });
  const id = await started();
  await until(async () => (await read(`executions/${id}`)).state.current === "SUCCESS");
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
