/** What helps while a flow is written: its picture, the words on its types, its run as a command. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { api, launch, loggedIn, settings, stepsOf, typed, visit } from "./browser.mjs";

const FLOW = `id: beside
namespace: lab.beside
inputs:
  - {id: name, type: STRING}
  - {id: body, type: JSON, required: false}
  - {id: why, type: STRING, validator: "[a-z]+", dependsOn: {inputs: [name], condition: "{{ inputs.name == 'prod' }}"}}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "it's {{ inputs.name }}"}
  - {id: back, type: io.kestra.plugin.core.debug.Return, format: ok}
`;
const MORE = `${FLOW}  - {id: third, type: io.kestra.plugin.core.log.Log, message: more}\n`;

const server = await api();
const answer = await server.post("flows", { data: FLOW });
if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
page.on("dialog", (dialog) => dialog.accept()); // of a page that has unsaved text
const step = stepsOf(page);
const button = (name) => page.getByRole("button", { name, exact: true });
const node = (name) => page.locator(".graph-node", { hasText: name });
const picture = page.locator(".side-picture");
const atLine = (line) =>
  page.locator(".line-numbers.active-line-number", { hasText: new RegExp(`^${line}$`) }).waitFor();

await step("there is one way to run from the editor, and the palette knows it", async () => {
  await visit(page, "/main/flows/edit/lab.beside/beside/edit?side=none");
  await button("Run").waitFor();
  assert.equal(await page.getByRole("main").getByRole("button", { name: "Run" }).count(), 1);
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Search or jump to…" }).fill(">run");
  await page.getByRole("option", { name: /On this page.*Run/ }).click();
  await page.getByRole("dialog", { name: "Run beside" }).waitFor();
});

await step("a run is copied as a command that works", async () => {
  const drawer = page.getByRole("dialog", { name: "Run beside" });
  await drawer.getByLabel("name").fill("it's $HOME");
  await drawer.getByLabel("Labels").fill("team:data");
  await drawer.getByRole("button", { name: "Copy as curl" }).click();
  await drawer.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /Bearer \$TRUNKLINE_TOKEN/);
  const login = Buffer.from(`${settings.user}:${settings.password}`).toString("base64");
  const env = { ...process.env, LOGIN: login };
  const command = copied.replace("Bearer $TRUNKLINE_TOKEN", "Basic $LOGIN");
  const made = JSON.parse(execFileSync("bash", ["-c", command], { env, stdio: "pipe" }).toString());
  assert.equal(made.inputs.name, "it's $HOME");
  assert.ok(made.labels.some(({ key, value }) => key === "team" && value === "data"));
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
});

await step("the form is checked while it is filled in, and waits where asked to", async () => {
  const drawer = page.getByRole("dialog", { name: "Run beside" });
  await visit(page, "/main/flows/edit/lab.beside/beside/edit?side=none&run=true");
  assert.equal(await drawer.getByLabel("why").count(), 0);
  await drawer.getByLabel("name").fill("prod");
  await drawer.getByLabel("why").fill("NO");
  await drawer.getByText(/must match the pattern/).waitFor();
  await drawer.getByLabel("why").fill("because");
  await drawer.getByRole("textbox", { name: "body" }).focus();
  await page.keyboard.type('{"a" 1'); // the brackets close themselves
  await drawer.getByText("Line 1, column 6: a colon is wanted here").waitFor();
  await drawer.locator(".squiggly-error").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete"); // what is selected would be put in brackets
  await page.keyboard.type("[1]");
  await drawer.getByText("a colon is wanted here").waitFor({ state: "hidden" });
  await page.keyboard.press("Tab"); // moves on: a form holds nobody
  assert.ok(await drawer.getByLabel("why").evaluate((one) => one === document.activeElement));
  await drawer.getByLabel("Wait here for its end").check();
  await drawer.getByRole("button", { name: "Run", exact: true }).click();
  await drawer.getByText("it's prod").waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
});

await step("an expression completes with the names of the flow", async () => {
  await typed(page, `${FLOW}  - id: last\n    type: io.kestra.plugin.core.log.Log\n    message: "`);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("{{ outputs.ba");
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "back" }).waitFor();
  await page.keyboard.press("Escape");
});

await step("a misspelt name is mended from the list", async () => {
  await typed(page, FLOW.replace("message", "mesage"));
  await button("Rename to message").click();
  await page.getByRole("tab", { name: "Problems (0)" }).waitFor();
});

await step("the picture follows the text, and stays dimmed while the text is wrong", async () => {
  await button("Show the side panel").click();
  await node("back").first().waitFor();
  assert.equal(await node("third").count(), 0);
  await typed(page, MORE);
  await node("third").first().waitFor();
  await page.locator(".side-picture:not([data-old])").waitFor();
  await typed(page, MORE.replace("tasks:", "tasks: ["));
  await page.locator(".side-picture[data-old]").waitFor();
  await page.getByRole("tab", { name: /^Problems \([1-9]/ }).waitFor();
  await picture.locator(".graph-node", { hasText: "third" }).first().waitFor();
  assert.equal(await picture.getAttribute("data-old"), "true");
});

await step("a node leads to its lines", async () => {
  await typed(page, MORE);
  await page.locator(".side-picture:not([data-old])").waitFor();
  await node("back").first().click();
  await atLine(9);
  await picture.locator(".graph-node[data-lit]", { hasText: "back" }).waitFor();
});

await step("the documentation is that of the type at the cursor", async () => {
  await page.getByRole("tab", { name: "Documentation" }).click();
  await page.getByRole("heading", { name: "io.kestra.plugin.core.debug.Return" }).waitFor();
  await page.locator(".view-line", { hasText: "id: say" }).click();
  await page.getByRole("heading", { name: "io.kestra.plugin.core.log.Log" }).waitFor();
  await page.reload();
  await page.getByText("Put the cursor into a task").waitFor();
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
