/**
 * Measures the budgets of the UI on a running server and tells them as a table.
 *
 * Sizes and counts are the same on every machine: over them, it ends with 1; times fail by the double.
 * `TRUNKLINE_UI_CHEAP=1` leaves out what needs 200,000 lines and 10,000 executions, and only tells times.
 */

import { gzipSync } from "node:zlib";
import { api, launch, loggedIn, settings, visit } from "./browser.mjs";

const CHEAP = Boolean(process.env.TRUNKLINE_UI_CHEAP);
const NAMESPACE = "lab.budgets";
const LINES = 200_000;
const EXECUTIONS = 10_000;
const AT_ONCE = 16;
const IDLE_SECONDS = 10;
const server = await api();
const rows = [];

/** One measure; `slack` is how far over its budget it may be before the script fails. */
function told(what, found, budget, unit, slack = 1) {
  const shown = Number(found.toFixed(found < 10 ? 2 : 0));
  const isTold = CHEAP && unit === "ms";
  rows.push({ what, found: shown, budget, unit, isBroken: !isTold && found > budget * slack });
}

async function saved(text) {
  const answer = await server.post("flows", { data: text });
  if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
}

async function run(flow, wait = false) {
  const answer = await server.post(`executions/${NAMESPACE}/${flow}?wait=${wait}`, {
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
    data: "--x--",
    timeout: 300_000,
  });
  if (!answer.ok()) throw new Error(await answer.text());
  return answer.json();
}

const percentile = (times, part) => times.sort((a, b) => a - b)[Math.floor(times.length * part)];

/** Scrolls by the wheel; the milliseconds between frames meanwhile. */
async function framesOf(page, selector, steps = 40) {
  await page.locator(selector).first().hover();
  await page.evaluate(() => {
    window.frames = [];
    let last = performance.now();
    const next = (now) => {
      window.frames.push(now - last);
      last = now;
      window.frameLoop = requestAnimationFrame(next);
    };
    window.frameLoop = requestAnimationFrame(next);
  });
  for (let n = 0; n < steps; n++) await page.mouse.wheel(0, 400);
  return page.evaluate(() => {
    cancelAnimationFrame(window.frameLoop);
    return window.frames.slice(2);
  });
}

/** Milliseconds from an act in the page until it shows a text, painted; measured in the page. */
function untilShown(page, act, pattern) {
  return page.evaluate(
    ([kind, name, source]) =>
      new Promise((resolve) => {
        const wanted = new RegExp(source);
        const place = document.querySelector("main");
        const begun = performance.now();
        const look = () => {
          if (!wanted.test(place.textContent)) return;
          watch.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
        };
        const watch = new MutationObserver(look);
        watch.observe(place, { childList: true, subtree: true, characterData: true });
        if (kind === "scroll") {
          const log = document.querySelector(".log");
          log.scrollTop = log.scrollHeight * name;
        } else {
          const buttons = [...place.querySelectorAll("button")];
          buttons.find((button) => button.textContent === name).click();
        }
      }),
    [...act, pattern.source],
  );
}

async function sizes(browser) {
  const page = await browser.newPage();
  const loaded = [];
  page.on("response", (response) => loaded.push(response));
  await page.goto(`${settings.base}/ui/login`);
  await page.getByLabel("User").waitFor();
  await page.waitForLoadState("networkidle");
  const weigh = async (ending) => {
    const fitting = loaded.filter((one) => new URL(one.url()).pathname.endsWith(ending));
    const bodies = await Promise.all(fitting.map((one) => one.body()));
    return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1024;
  };
  told("first page, JavaScript", await weigh(".js"), 230, "KiB gzip");
  told("first page, CSS", await weigh(".css"), 40, "KiB gzip");
  await page.close();
}

/** As somebody sees it who comes the first time: logged in, with nothing kept by the browser. */
async function home(browser, known) {
  const context = await browser.newContext({ storageState: await known.storageState() });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(`${settings.base}/ui/main/dashboards`);
  await page.getByText("went well").waitFor();
  told("home usable, cold", performance.now() - begun, 1_500, "ms", 2);
  await context.close();
}

async function editor(page) {
  await saved(wide("editor", 500));
  const loaded = [];
  page.on("response", (response) => loaded.push(response));
  const begun = performance.now();
  await page.goto(`${settings.base}/ui/main/flows/edit/${NAMESPACE}/editor/edit`);
  await page.locator(".view-line").first().waitFor();
  told("editor ready, 1,500 lines", performance.now() - begun, 1_500, "ms", 2);
  await page.locator(".monaco-editor textarea").first().focus();
  const times = [];
  for (let n = 0; n < 20; n++) {
    const before = performance.now();
    await page.keyboard.press("#");
    await page.evaluate(() => new Promise(requestAnimationFrame));
    times.push(performance.now() - before);
  }
  told("a key in the editor, median", percentile(times, 0.5), 50, "ms", 2);
  for (let n = 0; n < 20; n++) await page.keyboard.press("Backspace");
  await page.waitForFunction(() => !document.querySelector(".squiggly-error"));
  await page.keyboard.press("Control+End");
  await page.keyboard.type("    mesage: x", { delay: 5 });
  const marked = performance.now();
  await page.locator(".squiggly-error").first().waitFor();
  told("a mistake is marked, 1,500 lines", performance.now() - marked, 1_000, "ms", 2);
  const weight = async (pattern) => {
    const fitting = loaded.filter((one) => pattern.test(one.url()));
    const bodies = await Promise.all(fitting.map((one) => one.body()));
    return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1024;
  };
  told("editor, JavaScript of its own", await weight(/\/monaco-[^/]*\.js/), 760, "KiB gzip");
}

const wide = (id, count) => {
  const task = (n) =>
    `  - id: t${n}\n    type: io.kestra.plugin.core.log.Log\n    message: task ${n}\n`;
  const tasks = Array.from({ length: count }, (_, n) => task(n)).join("");
  return `id: ${id}\nnamespace: ${NAMESPACE}\ntasks:\n${tasks}`;
};

async function graph(page) {
  await saved(wide("wide", 500));
  const begun = performance.now();
  await page.goto(`${settings.base}/ui/main/flows/edit/${NAMESPACE}/wide/topology`);
  await page.locator(".graph-node").first().waitFor();
  told("graph of 500 tasks, first picture", performance.now() - begun, 2_000, "ms", 2);
  const frames = await framesOf(page, ".graph");
  told("graph of 500 tasks, frame p95", percentile(frames, 0.95), 25, "ms", 4);
}

async function list(page) {
  await saved(wide("many", 1));
  const query = `executions/search?size=1&filters[namespace][EQUALS]=${NAMESPACE}`;
  const { total } = await (await server.get(query)).json();
  for (let n = total; n < (CHEAP ? 60 : EXECUTIONS); n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => run("many")));
  }
  await visit(page, `/main/executions?namespace=${NAMESPACE}`);
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/executions/search")) asked += 1;
  });
  const times = [];
  const turns = CHEAP ? 1 : 10;
  for (let turn = 1; turn <= turns; turn++) {
    // the line below the table follows its rows
    times.push(await untilShown(page, ["click", "Next"], new RegExp(`${turn * 50 + 1}–`)));
  }
  const now = (await (await server.get(query)).json()).total;
  told(
    `a turn in a list of ${now.toLocaleString("en")}, median`,
    percentile(times, 0.5),
    200,
    "ms",
    2,
  );
  told("requests a turn", asked / turns, 1, "");
  told("rows a page", await page.locator("table.data tbody tr").count(), 50, "");
}

async function logs(page) {
  await saved(`id: lines
namespace: ${NAMESPACE}
tasks:
  - id: print
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["seq -f 'line %.0f of the log' ${LINES}"]
`);
  const { id, state } = await run("lines", true);
  if (state.current !== "SUCCESS") throw new Error(`${id} ended in ${state.current}`);
  await visit(page, `/main/executions/${NAMESPACE}/lines/${id}/logs`);
  await page.getByText("line 1 of the log").first().waitFor();
  const frames = await framesOf(page, ".log");
  told("200,000 lines, frame median", percentile(frames, 0.5), 17, "ms", 2);
  told("200,000 lines, frame p95", percentile(frames, 0.95), 25, "ms", 4);
  const jump = await untilShown(page, ["scroll", 0.75], /line 1[45]\d{4} of the log/);
  told("jump to line 150,000", jump, 300, "ms", 4);
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize);
  told("heap with 200,000 lines", heap / 1024 / 1024, 120, "MiB");
}

/** Processor time that all processes of the browser have taken, in seconds. */
async function taken(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** What the home page, which asks most often of all, takes while nothing happens. */
async function idle(page) {
  await visit(page, "/main/dashboards");
  await page.getByText("Live", { exact: true }).first().waitFor({ state: "attached" });
  const session = await browser.newBrowserCDPSession();
  const pause = () => page.waitForTimeout(IDLE_SECONDS * 1_000);
  await pause(); // what loading left to do
  const before = await taken(session);
  await pause();
  const share = (100 * ((await taken(session)) - before)) / IDLE_SECONDS;
  told("idle live page, whole browser", share, 3, "% of a core", 2);
}

const browser = await launch();
await sizes(browser);
const { page, context } = await loggedIn(browser);
await home(browser, context);
await editor(page);
await graph(page);
await list(page);
if (!CHEAP) {
  await logs(page);
  await idle(page);
}
await browser.close();

console.log("| What | Budget | Measured | |\n|---|---|---|---|");
for (const { what, found, budget, unit } of rows) {
  console.log(
    `| ${what} | ${budget} ${unit} | ${found} ${unit} | ${found > budget ? "over" : ""} |`,
  );
}
process.exit(rows.some(({ isBroken }) => isBroken) ? 1 : 0);
