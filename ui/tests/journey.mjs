/** A day's work, step by step: each step waits for what a person would see. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, settings, stepsOf, typed, visit } from "./browser.mjs";

const FLOW = `id: journey
namespace: lab.browser
inputs:
  - id: data
    type: FILE
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "read {{ read(inputs.data) }}"
  - id: stumble
    type: io.kestra.plugin.core.execution.Fail
    runIf: "{{ kv('journey', errorOnMissing=false) != 'done' }}"
`;
const WRONG = FLOW.replace("message:", "mesage:");

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);

const button = (name) => page.getByRole("button", { name, exact: true });
const write = (text) => typed(page, text);
const step = stepsOf(page);

await step("a type completes as it is typed", async () => {
  await visit(page, "/main/flows/new");
  await write("id: journey\nnamespace: lab.browser\ntasks:\n  - id: say\n    type: core.log.L");
  const suggestion = page.locator(".suggest-widget .monaco-list-row").first();
  await assert.doesNotReject(async () => {
    for (let n = 0; n < 20; n++) {
      await page.keyboard.press("Control+Space");
      if (await suggestion.isVisible({ timeout: 0 })) return;
      await page.waitForTimeout(500);
    }
    throw new Error("no suggestion");
  });
  await page.keyboard.press("Escape");
});

await step("a wrong property is marked with its line", async () => {
  await write(WRONG);
  await page
    .getByText(/mesage/)
    .last()
    .waitFor();
  await page.getByRole("tab", { name: /^Problems \([1-9]/ }).waitFor();
});

await step("the mended flow is saved", async () => {
  await write(FLOW);
  await page.getByRole("tab", { name: "Problems (0)" }).waitFor();
  await button("Save").click();
  await page.waitForURL(/flows\/edit\/lab.browser\/journey\/edit/);
});

/** Goes on by the tabulator until the element has the focus, and presses Enter there. */
async function enterAt(element) {
  await element.waitFor();
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press("Tab");
    if (await element.evaluate((one) => one === document.activeElement)) {
      return page.keyboard.press("Enter");
    }
  }
  throw new Error(`no key leads to ${element}`);
}

await step("it runs with a file, by keys alone", async () => {
  await page.getByRole("heading", { level: 1 }).click(); // what is in the editor keeps the tabulator
  await enterAt(page.getByRole("main").getByRole("button", { name: "Run" }).first());
  const drawer = page.getByRole("dialog");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    enterAt(drawer.getByLabel("data")),
  ]);
  const buffer = Buffer.from("hello from a file");
  await chooser.setFiles({ name: "any.txt", mimeType: "text/plain", buffer });
  await enterAt(drawer.getByRole("button", { name: "Run" }));
  await page.waitForURL(/executions\/lab.browser\/journey\/[^/]+\/gantt/);
});

await step("its log tells what the file held", async () => {
  const parts = page.getByRole("navigation", { name: "Parts of the execution" });
  await parts.getByRole("link", { name: "Logs" }).click();
  await page.getByText("read hello from a file").first().waitFor();
  await page.locator(".page-head .state", { hasText: "FAILED" }).waitFor();
});

await step("a key is set in the namespace", async () => {
  const failed = page.url();
  await visit(page, "/main/namespaces/edit/lab.browser/kv?adding=true");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Key").fill("journey");
  await dialog.getByLabel("Value").fill("done");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "journey" }).waitFor();
  await page.goto(failed);
});

await step("the failed task is restarted and goes well", async () => {
  await button("Restart").click();
  await page.locator(".page-head .state", { hasText: "SUCCESS" }).waitFor();
});

await step("a file of the namespace is made and edited", async () => {
  await visit(page, "/main/namespaces/edit/lab.browser/files");
  await button("New file").click();
  await page.getByLabel("Path").fill("sql/users.sql");
  await button("Create").click();
  await write("select 1\n");
  await button("Save").click();
  await page.getByText("/sql/users.sql is saved.").waitFor();
  await page.reload();
  await page.locator(".view-line", { hasText: "select 1" }).waitFor();
});

await step("a file is moved, and an earlier version of it comes back", async () => {
  await button("Move…").click();
  await page.getByLabel("New path").fill("/sql/all-users.sql");
  await button("Move").click();
  await page.waitForURL(/all-users/);
  await page.locator(".view-line", { hasText: "select 1" }).waitFor();
  await write("select 2\n");
  await button("Save").click();
  await page.getByText("/sql/all-users.sql is saved.").waitFor();
  await button("Versions").click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("table.diff", { hasText: "select 1" }).waitFor();
  await dialog.getByRole("button", { name: /^Bring version/ }).click();
  await page.locator(".view-line", { hasText: "select 1" }).waitFor();
});

await step("many files are uploaded at once", async () => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button("Upload").click()]);
  const file = (name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
  await chooser.setFiles([file("one.txt"), file("two.txt"), file("three.txt")]);
  await page.getByText("3 files uploaded to /sql/.").waitFor();
  await page.getByRole("treeitem", { name: "three.txt" }).waitFor();
});

await step("the tree goes by letters, and a save of somebody else is not lost", async () => {
  await page.getByRole("tree").focus();
  await page.keyboard.type("thr");
  await page.keyboard.press("Enter");
  await page.waitForURL(/three.txt/);
  await page.locator(".view-line", { hasText: "three.txt" }).waitFor();
  const server = await api();
  const theirs = await server.post("namespaces/lab.browser/files?path=/sql/three.txt", {
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
    data: '--x\r\nContent-Disposition: form-data; name="fileContent"; filename="a"\r\n\r\ntheirs\r\n--x--',
  });
  assert.ok(theirs.ok(), await theirs.text());
  await write("mine\n");
  await button("Save").click();
  await page.getByRole("alertdialog").getByText("theirs").first().waitFor();
  await button("Take theirs").click();
  await page.locator(".view-line", { hasText: "theirs" }).waitFor();
});

await step("a folder is moved with all that is in it", async () => {
  await visit(page, "/main/namespaces/edit/lab.browser/files");
  await page.getByRole("treeitem", { name: "sql", exact: true }).click();
  await button("Move /sql…").click();
  await page.getByLabel("New path").fill("/queries/sql");
  await button("Move").click();
  await page.getByText("It is at /queries/sql now.").waitFor();
  await page.getByRole("treeitem", { name: "queries", exact: true }).waitFor();
  await page.getByRole("treeitem", { name: "sql", exact: true }).click();
  await page.getByRole("treeitem", { name: "one.txt" }).waitFor();
});

await step("a drift is seen side by side and settled", async () => {
  const binding = process.env.TRUNKLINE_UI_BINDING;
  if (!binding) throw new Error("TRUNKLINE_UI_BINDING names a binding with a drifted flow");
  await visit(page, `/main/git/${binding}/resources`);
  const row = page.getByRole("row", { name: /Drifted/ });
  await row.getByRole("button", { name: /\// }).click();
  await page.getByText("from behind", { exact: false }).first().waitFor();
  await row.getByRole("button", { name: "Ignore…" }).click();
  await page.getByLabel("Reason").fill("until Monday");
  await page.getByRole("dialog").getByRole("button", { name: "Ignore", exact: true }).click();
  const ignored = page.getByRole("row", { name: /Ignored.*until Monday/ });
  await ignored.getByRole("button", { name: "Stop ignoring" }).click();
  await row.getByRole("button", { name: "Take Git" }).click();
  await page.getByRole("row", { name: /Drifted/ }).waitFor({ state: "detached" });
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
  assert.ok(page.url().startsWith(settings.base));
});
await browser.close();
