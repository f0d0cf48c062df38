/** A paused execution goes on with what its Pause asks for; an ended one runs again with other inputs. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, visit } from "./browser.mjs";

const FLOW = `id: again
namespace: lab.again
inputs:
  - {id: name, type: STRING, defaults: World}
  - {id: count, type: INT, defaults: 1}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "first {{ inputs.name }}"}
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: reason, type: STRING}
      - {id: amount, type: INT, max: 9}
  - id: last
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.name }} {{ inputs.count }} {{ outputs.ask.onResume.reason }}"
`;

const server = await api();
const answer = await server.post("flows", { data: FLOW });
if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
const form = { headers: { "Content-Type": "multipart/form-data; boundary=x" }, data: "--x--" };
const { id } = await (await server.post("executions/lab.again/again", form)).json();

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const head = page.locator(".page-head");
const dialog = page.getByRole("dialog");
const stateIs = (state) => head.locator(".state", { hasText: state }).waitFor();
const resume = head.getByRole("button", { name: "Resume", exact: true });

async function resumed(reason, amount) {
  await resume.click();
  await dialog.getByLabel("reason").fill(reason);
  await dialog.getByLabel("amount").fill(amount);
  await dialog.getByRole("button", { name: "Resume", exact: true }).click();
}
async function replayForm() {
  await head.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("menuitem", { name: /^With other inputs/ }).click();
  await dialog.getByLabel("count").waitFor();
}
const outputs = async () => {
  const shown = page.url().match(/again\/again\/([^/]+)/)[1];
  const { taskRunList } = await (await server.get(`executions/${shown}`)).json();
  return Object.fromEntries(taskRunList.map((run) => [run.taskId, run.outputs?.value]));
};

await step("a refused answer is told at its field", async () => {
  await visit(page, `/main/executions/lab.again/again/${id}/overview`);
  await stateIs("PAUSED");
  await resumed("because", "12");
  await dialog.locator("[id$=-error]", { hasText: "amount" }).waitFor();
});

await step("the execution goes on with what was asked", async () => {
  await dialog.getByLabel("amount").fill("7");
  await dialog.getByRole("button", { name: "Resume", exact: true }).click();
  await stateIs("SUCCESS");
  assert.equal((await outputs()).last, "World 1 because");
});

await step("a replay shows the inputs of before and sends the changed ones", async () => {
  await replayForm();
  assert.equal(await dialog.getByLabel("name").inputValue(), "World");
  await dialog.getByLabel("count").fill("5");
  await dialog.getByRole("button", { name: "Replay", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.includes(id));
  await stateIs("PAUSED");
  await resumed("again", "1");
  await stateIs("SUCCESS");
  assert.equal((await outputs()).last, "World 5 again");
});

await step("a replay begins at a task", async () => {
  const before = page.url();
  await replayForm();
  await dialog.getByRole("combobox", { name: "From the task" }).click();
  await page.getByRole("option", { name: "last", exact: true }).click();
  await dialog.getByLabel("name").fill("Ana");
  await dialog.getByRole("button", { name: "Replay", exact: true }).click();
  await page.waitForURL((url) => url.href !== before);
  await stateIs("SUCCESS");
  assert.deepEqual(
    { first: "first World", last: "Ana 5 again" },
    { first: (await outputs()).first, last: (await outputs()).last },
  );
});

await step("another revision's inputs are asked for, and what was typed stays", async () => {
  const renamed = FLOW.replace("{id: count, type: INT, defaults: 1}", "{id: size, type: INT}");
  const saved = await server.put("flows/lab.again/again", { data: renamed });
  assert.ok(saved.ok(), await saved.text());
  await visit(page, "/main/flows/edit/lab.again/again/overview");
  await page.getByRole("main").getByRole("button", { name: "Run" }).first().click();
  await dialog.getByLabel("name").fill("Ana");
  await dialog.getByLabel("Labels").fill("team:blue");
  await dialog.getByLabel("Revision").pressSequentially("1");
  await dialog.getByLabel("count").waitFor();
  assert.equal(await dialog.getByLabel("name").inputValue(), "Ana");
  assert.equal(await dialog.getByLabel("Labels").inputValue(), "team:blue");
  assert.ok(await dialog.getByLabel("Revision").evaluate((it) => it === document.activeElement));
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
