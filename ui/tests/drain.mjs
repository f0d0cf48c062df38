/** A worker is drained from the page, told so, and let work again. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, visit } from "./browser.mjs";

const server = await api();
const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const marks = async () => (await (await server.get("instance/services/drained")).json()).drained;
const stateOf = (state) =>
  page.getByRole("row").filter({ hasText: "worker" }).filter({ hasText: state }).first();

await step("a worker is drained after a question", async () => {
  await visit(page, "/main/workers");
  await stateOf("RUNNING").waitFor();
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
  await stateOf("DRAIN").waitFor({ timeout: 60_000 });
});

await step("it is let work again", async () => {
  await page.getByRole("button", { name: "Let it work again" }).click();
  await page.getByText("is drained: it takes no work").waitFor({ state: "detached" });
  assert.deepEqual(await marks(), []);
  await stateOf("RUNNING").waitFor({ timeout: 60_000 });
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
