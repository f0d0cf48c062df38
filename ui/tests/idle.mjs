/**
 * Whether a page that is left open stays as small as it was: JS heap, DOM nodes and listeners of the home page and of
 * an execution that goes on, each minute; and the processor time of the whole browser.
 *
 * Waits for `TRUNKLINE_UI_IDLE_MINUTES` (60), so nothing runs it by itself. Ends with 1 where a heap grew.
 */

import { api, launch, loggedIn, settings, visit } from "./browser.mjs";

const MINUTES = Number(process.env.TRUNKLINE_UI_IDLE_MINUTES ?? 60);
const MINUTE_MS = 60_000;
/** What a heap may gain from the first quarter to the last: less than anything that adds up would take. */
const MOST_GAINED_MIB = 2;
const FLOW = `id: goes_on
namespace: lab.idle
tasks:
  - id: tell
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["for n in $(seq ${(MINUTES + 5) * 6}); do echo line $n; sleep 10; done"]
`;

/** A page of a context of its own, at an address, and what tells of its heap. */
async function opened(browser, name, path) {
  const { page, context, errors } = await loggedIn(browser);
  await visit(page, path);
  await page.getByText("Live", { exact: true }).first().waitFor({ state: "attached" });
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable");
  return { name, session, errors, heaps: [] };
}

async function measured({ session, heaps }) {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name) => metrics.find((one) => one.name === name).value;
  const heap = of("JSHeapUsedSize") / 2 ** 20;
  heaps.push(heap);
  return [heap.toFixed(2), of("Nodes"), of("JSEventListeners")].join(" ");
}

/** Processor time that all processes of the browser have taken, in seconds. */
async function taken(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const server = await api();
const saved = await server.post("flows", { data: FLOW });
if (!saved.ok() && saved.status() !== 422) throw new Error(await saved.text());
const started = await server.post("executions/lab.idle/goes_on", {
  headers: { "Content-Type": "multipart/form-data; boundary=x" },
  data: "--x--",
});
const { id } = await started.json();

const browser = await launch();
const whole = await browser.newBrowserCDPSession();
const execution = `/main/executions/lab.idle/goes_on/${id}`;
const pages = [
  await opened(browser, "home", "/main/dashboards"),
  await opened(browser, "execution", `${execution}/overview`),
  await opened(browser, "log", `${execution}/logs`),
];
console.log("minute | processor % | per page: heap MiB, nodes, listeners");
let before = await taken(whole);
for (let minute = 1; minute <= MINUTES; minute++) {
  await new Promise((done) => setTimeout(done, MINUTE_MS));
  const share = (100_000 * ((await taken(whole)) - before)) / MINUTE_MS;
  const told = [];
  for (const page of pages) told.push(`${page.name} ${await measured(page)}`);
  before = await taken(whole); // collecting is not idling
  console.log([minute, share.toFixed(1), ...told].join(" | "));
}
await browser.close();
await server.delete(`executions/${id}/kill`);

const part = Math.max(1, Math.floor(MINUTES / 4));
const grown = pages.filter(({ name, heaps, errors }) => {
  const gained = median(heaps.slice(-part)) - median(heaps.slice(0, part));
  console.log(
    `${name}: ${gained.toFixed(2)} MiB more in the last quarter than in the first`,
    errors,
  );
  return gained > MOST_GAINED_MIB || errors.length > 0;
});
console.log(settings.base, grown.length > 0 ? "grew" : "flat");
process.exit(grown.length > 0 ? 1 : 0);
