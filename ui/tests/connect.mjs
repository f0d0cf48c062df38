/** A repository is connected by the wizard, a new flow proposed to it, and a schedule made up for. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, typed, until, visit } from "./browser.mjs";

const REPOSITORY = process.env.TRUNKLINE_UI_REPOSITORY;
if (!REPOSITORY)
  throw new Error("TRUNKLINE_UI_REPOSITORY is an address with a flow of lab.connect");
const SSH = process.env.TRUNKLINE_UI_SSH;
const SCHEDULE = `id: hourly
namespace: lab.past
triggers:
  - {id: each_hour, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ trigger.date }}"}
`;
const NEW = `id: fresh
namespace: lab.connect
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: fresh}
`;

const server = await api();
const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const dialog = page.getByRole("dialog");
const button = (name) => dialog.getByRole("button", { name, exact: true });

await step("an address without a repository is told with what to do", async () => {
  await visit(page, "/main/git");
  await page.getByRole("link", { name: "Connect a repository" }).first().click();
  await dialog.getByLabel("Address of the repository").fill(`${REPOSITORY}-not-there`);
  await button("Test the connection").click();
  await dialog.getByText("The repository cannot be read").waitFor();
  await dialog.getByText("check url and account").waitFor();
});

await step("a host that is not known shows its key, and answers once that is trusted", async () => {
  await dialog.getByLabel("Address of the repository").fill(SSH);
  await dialog.getByLabel("Log in with").click();
  await page.getByRole("option", { name: "SSH key" }).click();
  await dialog.getByLabel("Name of the secret").fill("WIZARD_KEY");
  await dialog.getByLabel("Token, password or private key").fill(process.env.TRUNKLINE_UI_SSH_KEY);
  await button("Test the connection").click();
  await dialog.getByText("is not known yet").waitFor();
  await dialog.getByText(process.env.TRUNKLINE_UI_FINGERPRINT, { exact: true }).waitFor();
  await button("Trust this key").click();
  await dialog.getByText("The repository answers").waitFor();
  assert.match(await dialog.getByLabel(/^Known hosts/).inputValue(), /^\[127.0.0.1\]:\d+ ssh-/);
  await dialog.getByLabel("Log in with").click();
  await page.getByRole("option", { name: "nothing" }).click();
});

await step("the right address answers with its commit", async () => {
  await dialog.getByLabel("Address of the repository").fill(REPOSITORY);
  await dialog.getByLabel("Name", { exact: false }).first().fill("wizard");
  await button("Test the connection").click();
  await dialog.getByText("The repository answers").waitFor();
});

await step("its folder is bound and synced", async () => {
  await button("Next").click();
  await dialog.getByLabel("Namespace", { exact: true }).fill("lab.connect");
  await button("Connect a repository").click();
  await page.waitForURL(/\/main\/git\/wizard/);
  await page.locator(".page-head .state", { hasText: "Synced" }).waitFor();
});

await step("its settings are changed", async () => {
  await visit(
    page,
    page
      .url()
      .replace(/.*\/ui/, "")
      .replace("/status", "/settings"),
  );
  await page.getByLabel("Delete what the repository no longer has").check();
  await page.getByText("More settings").click();
  await page.getByLabel("At most … resources at once").fill("7");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("is saved.").first().waitFor();
  await page.reload();
  await page.getByText("More settings").click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("input")].some(({ value }) => value === "7"),
  );
});

await step("a name typed for a question that was cancelled is asked for again", async () => {
  await visit(page, "/main/git/sources");
  const forget = page.getByRole("row", { name: /wizard/ }).getByRole("button", { name: "Forget" });
  const box = dialog.getByLabel("Type wizard to go on");
  await forget.click();
  await box.fill("wizard");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await box.waitFor({ state: "detached" });
  await forget.click();
  assert.equal(await box.inputValue(), "");
  assert.ok(await dialog.getByRole("button", { name: "Forget" }).isDisabled());
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

await step("a new flow of its namespace is proposed to it", async () => {
  await visit(page, "/main/flows/new");
  await typed(page, NEW);
  await page.getByRole("button", { name: /^Propose to wizard/ }).click();
  await dialog.getByLabel("Message").fill("Add a fresh flow");
  await dialog.getByRole("radio", { name: "Push a branch only" }).check();
  await button("Push the branch").click();
  await dialog.getByText(/Commit [0-9a-f]{8} is on the branch/).waitFor();
  const found = await server.get("flows/lab.connect/fresh");
  assert.equal(found.status(), 404);
});

await step("a schedule is made up for", async () => {
  const answer = await server.post("flows", { data: SCHEDULE });
  assert.ok(answer.ok() || answer.status() === 422, await answer.text());
  await visit(page, "/main/triggers?namespace=lab.past");
  await page.getByRole("button", { name: "Actions of each_hour" }).click();
  await page.getByRole("menuitem", { name: "Backfill…" }).click();
  await dialog.getByLabel("From").fill("2026-01-05T00:30");
  await dialog.getByLabel("To (now, when empty)").fill("2026-01-05T03:30");
  await dialog.getByText("3 runs", { exact: true }).waitFor();
  await dialog.getByLabel("Order").click();
  await page.getByRole("option", { name: "The newest first" }).click();
  await dialog.getByLabel("At most at once").fill("2");
  await dialog.locator("li").first().filter({ hasText: "03:00" }).waitFor();
  await button("Start 3 runs").click();
  await page.getByText("The backfill has begun.").waitFor();
  // rows that come while the list is read only announce themselves
  await until(async () => {
    const found = await server.get("executions/search?filters[namespace][EQUALS]=lab.past");
    return (await found.json()).total === 3;
  });
  await visit(page, "/main/executions?namespace=lab.past");
  await page.getByText("3 found").waitFor();
});

await step("a refused delivery tells why, and what came of it", async () => {
  const made = await (await server.post("gitops/webhooks", { data: { name: "looked-at" } })).json();
  const headers = {
    "Content-Type": "application/json",
    "X-GitHub-Event": "push",
    "X-Hub-Signature-256": "sha256=of-nobody",
  };
  const sent = await server.post(`gitops/webhooks/${made.token}`, { data: {}, headers });
  assert.equal(sent.status(), 401);
  await visit(page, "/main/git/deliveries");
  const row = page.getByRole("row", { name: /looked-at/ });
  await row.getByRole("button", { name: "Rotate the secret" }).click();
  await dialog.getByRole("button", { name: "Rotate the secret" }).click();
  const another = page.getByRole("dialog", { name: "The new secret" });
  assert.match(await another.locator("code").textContent(), /^\S{20,}$/);
  await another.getByRole("button", { name: "Close" }).click();
  await another.waitFor({ state: "detached" });
  await page.getByText("Refused: the signature is missing or wrong").waitFor();
  await page.getByRole("button", { name: "Look at" }).first().click();
  await dialog.getByText("x-hub-signature-256").waitFor();
  await dialog.getByText("The body of a refused delivery is not kept.").waitFor();
  assert.equal(await dialog.getByText("of-nobody").count(), 0);
  await server.delete(`gitops/webhooks/${made.id}`);
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
