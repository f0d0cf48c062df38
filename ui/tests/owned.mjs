/** What Git owns is proposed, not saved; and of two people who save, nobody loses a text. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, typed, visit } from "./browser.mjs";

const flow = (id, namespace, message) => `id: ${id}
namespace: ${namespace}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: ${message}
`;
const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const server = await api();
const button = (name) => page.getByRole("button", { name, exact: true });
const shown = (text) => page.locator(".view-line", { hasText: text }).first();
const sourceOf = async (id) =>
  (await (await server.get(`flows/lab.owned/${id}?source=true`)).json()).source;
const LOAD = "/main/flows/edit/lab.owned/load/edit";

await step("a locked flow is read only under its banner", async () => {
  await visit(page, LOAD);
  await page.getByText("Comes from Git (owned)").waitFor();
  await shown("from Git").waitFor();
  assert.equal(await button("Save").count(), 0);
  await page.locator(".monaco-editor textarea").first().focus();
  await page.keyboard.type("nothing");
  await page.keyboard.press("Control+S");
  assert.equal(await page.locator(".view-line", { hasText: "nothing" }).count(), 0);
});

await step("the banner says why", async () => {
  await button("Why?").click();
  await page.getByRole("dialog").getByText("The binding owned keeps this").waitFor();
  await page.keyboard.press("Escape");
});

await step("on a branch it is edited as a draft", async () => {
  await button("Edit on a branch").click();
  await page.getByText("This is a draft for a branch").waitFor();
  await typed(page, flow("load", "lab.owned", "from a branch"));
  await page.getByText("Unsaved changes").waitFor();
});

await step("F8 goes from one problem to the next", async () => {
  const right = flow("load", "lab.owned", "from a branch");
  await typed(page, right.replace("tasks:", "taks: 1\ntasks:").replace("message:", "mesage:"));
  await page.locator(".problems").getByText("tasks[0].mesage").waitFor();
  await page.locator(".monaco-editor textarea").first().focus();
  await page.keyboard.press("Control+Home");
  for (const place of ["1 of", "2 of"]) {
    await page.keyboard.press("F8");
    await page.locator(".peekview-widget, .marker-widget").getByText(place).waitFor();
  }
  await page.keyboard.press("Escape");
  await typed(page, right);
});

await step("a refused change keeps its draft", async () => {
  await button("Propose change…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("from a branch").waitFor();
  await dialog.getByLabel("Message").fill("Say where it comes from");
  await dialog.getByRole("radio", { name: "Push a branch only" }).check();
  const push = dialog.getByRole("button", { name: "Push the branch" });
  await dialog.getByLabel("Branch", { exact: true }).fill("main");
  await dialog.getByText("This branch exists already").waitFor();
  assert.equal(await push.isDisabled(), true);
  await dialog.getByLabel("Branch", { exact: true }).fill("no..branch");
  await push.click();
  await dialog.getByText("Nothing was pushed").waitFor();
});

await step("with another branch it is pushed", async () => {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Branch", { exact: true }).fill("fix/load");
  await dialog.getByRole("button", { name: "Push the branch" }).click();
  await dialog.getByText(/Commit [0-9a-f]{8} is on the branch fix.load/).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await shown("from Git").waitFor();
  await visit(page, "/main/git/changes");
  await page.getByText("Say where it comes from").waitFor();
});

await step("of a plan only what is chosen is applied", async () => {
  await visit(page, "/main/git/parts/plan");
  await page.getByRole("checkbox", { name: "Choose FLOW lab.parts/two" }).check();
  await button("Apply 1 of 2").click();
  await page.getByText("Applied 1 of 2.").waitFor();
  await page.getByText("1 create").waitFor();
  assert.equal((await server.get("flows/lab.parts/two")).status(), 200);
  assert.equal((await server.get("flows/lab.parts/one")).status(), 404);
  await visit(page, "/main/git/parts/history");
  await page.getByText("partial, 1 of 2:").waitFor();
});

await step("a save over a newer revision shows both texts", async () => {
  await server.post("flows", { data: flow("shared", "lab.browser", "first") });
  await visit(page, "/main/flows/edit/lab.browser/shared/edit");
  await shown("first").waitFor();
  await typed(page, flow("shared", "lab.browser", "mine"));
  await page.getByText("Unsaved changes").waitFor();
  await server.put("flows/lab.browser/shared", { data: flow("shared", "lab.browser", "theirs") });
  await button("Save").click();
  await page.getByText("Revision 2 was saved meanwhile").waitFor();
  const dialog = page.getByRole("alertdialog");
  for (const text of ["first", "theirs", "mine"]) {
    await dialog.locator("td", { hasText: `message: ${text}` }).waitFor();
  }
});

await step("theirs is taken and mine stays as a draft", async () => {
  await button("Take theirs").click();
  await shown("theirs").waitFor();
  await button("Show what changed").click();
  await page.locator("table.diff", { hasText: "message: mine" }).waitFor();
  await button("Go on with the draft").click();
  await shown("mine").waitFor();
});

await step("mine is saved over theirs after a second question", async () => {
  await server.put("flows/lab.browser/shared", { data: flow("shared", "lab.browser", "again") });
  await button("Save").click();
  await page.getByText("Revision 3 was saved meanwhile").waitFor();
  await button("Save mine as a new revision…").click();
  await button("Save mine").click();
  await page.getByText("Saved as revision 4.").waitFor();
  const found = await (await server.get("flows/lab.browser/shared?source=true")).json();
  assert.match(found.source, /mine/);
  assert.match(await sourceOf("load"), /from Git/);
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
