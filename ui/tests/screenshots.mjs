/** Makes the pictures of the README and of docs/ui.md from a standalone server with the examples. */

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch, loggedIn, settings, visit } from "./browser.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
mkdirSync(FOLDER, { recursive: true });

const browser = await launch();
const { page } = await loggedIn(browser);
await page.emulateMedia({ reducedMotion: "reduce" }); // nothing is caught on its way
const api = `${settings.base}/api/v1/main`;
const found = await page.request.get(`${api}/executions/search?flowId=showcase&size=1`);
const [execution] = (await found.json()).results;
if (!execution) throw new Error("run `trunkline standalone --example` first");
const below = `/main/executions/${execution.namespace}/${execution.flowId}/${execution.id}`;

const PICTURES = {
  home: "/main/dashboards",
  executions: "/main/executions",
  gantt: `${below}/gantt`,
  logs: `${below}/logs`,
  topology: `${below}/topology`,
  editor: `/main/flows/edit/${execution.namespace}/${execution.flowId}/edit`,
  git: "/main/git/examples/history",
  connect: "/main/git/sources?connect=true",
};
for (const [name, path] of Object.entries(PICTURES)) {
  await visit(page, path);
  if (name === "editor") {
    const line = page.locator(".view-line", { hasText: "WorkingDirectory" });
    await line.locator("span span").nth(1).waitFor(); // it has its colours
  }
  if (name === "logs") await page.locator(".log-line").first().waitFor();
  await page.screenshot({ path: `${FOLDER}${name}.png` });
}
await browser.close();
