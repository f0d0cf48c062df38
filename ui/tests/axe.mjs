/** Every page and dialog in both themes: there, without serious findings of axe or stray requests. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { api, launch, loggedIn, visit } from "./browser.mjs";
import { detailsOf, PAGES } from "./pages.mjs";
import { actionsOfPages } from "./scene.mjs";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NAMESPACE = "lab.axe";
const FLOW = `id: seen
namespace: ${NAMESPACE}
description: Seen by *axe*.
labels: {team: data}
concurrency: {limit: 1}
inputs:
  - {id: day, type: DATE, required: false}
  - {id: size, type: SELECT, values: [small, large], defaults: small}
triggers:
  - {id: nightly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 2 * * *"}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2]
    tasks:
      - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ taskrun.value }}"}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail}
`;

const server = await api();
const answer = await server.post("flows", { data: FLOW });
if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
const started = await server.post(`executions/${NAMESPACE}/seen?wait=true`, {
  headers: { "Content-Type": "multipart/form-data; boundary=x" },
  data: "--x--",
});
if (!started.ok()) throw new Error(await started.text());
const binding = process.env.TRUNKLINE_UI_BINDING;
if (!binding) throw new Error("TRUNKLINE_UI_BINDING names a binding that owns lab.owned/load");
const execution = await started.json();
const pages = [...PAGES, ...detailsOf(execution, binding)];

const edit = `/main/flows/edit/${NAMESPACE}/seen/edit`;
const owned = "/main/flows/edit/lab.owned/load/edit?change=true";
const click = (name) => async (page) => page.getByRole("button", { name }).first().click();
async function opensReplay(page) {
  await click("Replay")(page);
  await page.getByRole("menuitem", { name: /^With other inputs/ }).click();
  await page.getByRole("dialog").getByLabel("day").waitFor();
}
/** What opens over a page: its address, how, and the role of what opens. */
const DIALOGS = [
  ["run", edit, click("Run")],
  ["replay", `/main/executions/${NAMESPACE}/seen/${execution.id}/overview`, opensReplay],
  ["palette", "/main/flows", (page) => page.keyboard.press("Control+K")],
  ["locked", owned.replace("?change=true", ""), (page) => page.getByText("Comes from").waitFor()],
  ["release", `/main/git/${binding}/resources`, click("Release")],
  ["new key", `/main/namespaces/edit/${NAMESPACE}/kv?adding=true`, () => undefined],
  ["connect", "/main/git/sources?connect=true", () => undefined],
  ["shortcuts", "/main/flows", (page) => page.keyboard.press("?")],
  ["navigation", "/main/flows", opensDrawer],
  ["session that ended", "/main/flows", ends],
];
for (const [path, actions] of await actionsOfPages()) {
  for (const { name, opens, role = "button" } of actions) {
    if (!["dialog", "menu"].includes(opens)) continue;
    const open = (page) => page.getByRole(role, { name, exact: true }).first().click();
    DIALOGS.push([name, path, open, opens]);
  }
}

async function opensDrawer(page) {
  await page.setViewportSize({ width: 420, height: 860 });
  await page.getByRole("button", { name: "Main" }).click();
}

/** The server forgets who is there, as a session's end does. */
async function ends(page) {
  const context = page.context();
  const kept = await context.cookies();
  await context.clearCookies();
  await page.getByRole("combobox", { name: "Filter" }).fill("anything");
  await page.getByRole("dialog").first().waitFor();
  await context.addCookies(kept);
}

/** What fades in has the contrast of its end only at its end. Runs in the page. */
function isStill() {
  for (const opened of document.querySelectorAll("[role=dialog], [role=menu]")) {
    for (let at = opened; at; at = at.parentElement) {
      if (getComputedStyle(at).opacity !== "1") return false;
    }
  }
  return document.getAnimations().every(({ playState }) => playState !== "running");
}

const browser = await launch();
const found = [];

for (const scheme of ["light", "dark"]) {
  const { page, strays, errors, context } = await loggedIn(browser, scheme);
  const check = async (name) => {
    await page.evaluate(source);
    const { violations } = await page.evaluate(() =>
      window.axe.run(document, { resultTypes: ["violations"] }),
    );
    for (const { id, impact, nodes } of violations) {
      if (!["serious", "critical"].includes(impact)) continue;
      for (const node of nodes) found.push(`${name} (${scheme}): ${id} at ${node.html}`);
    }
  };
  for (const path of pages) {
    await visit(page, path);
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    if (title.includes("nothing at this address")) found.push(`${path}: there is no such page`);
    await check(path);
  }
  for (const [name, path, open, opens = "dialog"] of DIALOGS) {
    await page.setViewportSize({ width: 1360, height: 860 });
    await visit(page, path);
    await open(page);
    if (name !== "locked") await page.getByRole(opens).first().waitFor();
    await page.waitForFunction(isStill);
    await check(`${name} at ${path}`);
  }
  found.push(...strays.map((url) => `left the origin: ${url}`), ...errors);
  await context.close();
}
await browser.close();
for (const line of found) console.error(line);
console.log(
  `${pages.length} pages, ${DIALOGS.length} dialogs, two themes, ${found.length} findings`,
);
process.exit(found.length ? 1 : 0);
