/** Texts that would like to be scripts, in every field that is shown: none becomes an element. */

import { api, launch, loggedIn, settings, visit } from "./browser.mjs";
import { detailsOf, PAGES } from "./pages.mjs";

const NAMESPACE = "lab.hostile";
/** Elements of these texts would carry `data-hostile`; a link would lead to `javascript:`. */
const TEXTS = [
  `<img data-hostile src=x onerror="window.hostile=1">`,
  `<svg data-hostile onload="window.hostile=1"></svg>`,
  `"><script data-hostile>window.hostile=1</script>`,
  `<iframe data-hostile srcdoc="<script>parent.hostile=1</script>"></iframe>`,
  `<a data-hostile href="javascript:window.hostile=1">x</a>`,
  `<math><mtext data-hostile><style><!--</style><img src onerror=window.hostile=1>--></mtext></math>`,
];
const MARKS = [
  "[x](javascript:window.hostile=1)",
  "![x](javascript:window.hostile=1)",
  "[x](data:text/html,<script>window.hostile=1</script>)",
  "<javascript:window.hostile=1>",
  "[x]: javascript:window.hostile=1\n\n[x]",
];
const ALL = [...TEXTS, ...MARKS].join("\n\n");
const LINE = TEXTS.join(" ");
const q = JSON.stringify;

const SUITE = `id: acts-tests
namespace: lab.actions
flowId: hostile
description: ${q(ALL)}
testCases:
  - id: shown
    type: io.kestra.core.tests.flow.UnitTest
    description: ${q(ALL)}
    assertions: [{value: ${q(LINE)}, equalTo: ${q(TEXTS[0])}, description: ${q(TEXTS[1])}, errorMessage: ${q(ALL)}}]
`;
const FLOW = `id: hostile
namespace: ${NAMESPACE}
description: ${q(ALL)}
labels: {team: ${q(LINE.slice(0, 200))}}
variables: {seen: ${q(LINE)}}
inputs:
  - {id: text, type: STRING, displayName: ${q(TEXTS[0])}, description: ${q(ALL)}, defaults: ${q(LINE)}}
  - {id: one, type: SELECT, values: [${q(TEXTS[1])}, b], defaults: ${q(TEXTS[1])}}
outputs:
  - {id: shown, type: STRING, value: "{{ inputs.text }}"}
triggers:
  - {id: nightly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 2 * * *", description: ${q(ALL)}}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, description: ${q(ALL)}, message: "{{ inputs.text }}"}
  - {id: give, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.text }}"}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, errorMessage: "{{ inputs.text }}"}
`;
const BOARD = `id: hostile
title: ${q(TEXTS[0])}
description: ${q(ALL)}
charts:
  - {id: note, type: io.kestra.plugin.core.dashboard.chart.Markdown, content: ${q(ALL)},
     chartOptions: {displayName: ${q(TEXTS[1])}, description: ${q(ALL)}}}
`;

const server = await api();
async function sent(method, path, data, type = "application/json") {
  const body = typeof data === "string" ? data : JSON.stringify(data);
  const headers = { "Content-Type": type };
  const answer = await server.fetch(path, { method, headers, data: body });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json().catch(() => null);
}

await sent("POST", "flows", FLOW, "application/x-yaml");
const multipart = { headers: { "Content-Type": "multipart/form-data; boundary=x" }, data: "--x--" };
const started = await server.post(`executions/${NAMESPACE}/hostile?wait=true`, multipart);
if (!started.ok()) throw new Error(await started.text());
const execution = await started.json();

await sent("PUT", `namespaces/${NAMESPACE}`, {
  id: NAMESPACE,
  description: ALL,
  variables: { a: LINE },
});
await sent("PUT", `namespaces/${NAMESPACE}/kv/hostile`, q(LINE), "text/plain");
await sent("PUT", `namespaces/${NAMESPACE}/secrets`, {
  key: "HOSTILE",
  value: "x",
  description: LINE,
});
const part = `--x\r\nContent-Disposition: form-data; name="fileContent"; filename="f"\r\n\r\n${ALL}\r\n--x--\r\n`;
const name = encodeURIComponent("/<img data-hostile src=x onerror=window.hostile=1>.md");
const file = `namespaces/${NAMESPACE}/files?path=${name}`;
await sent("POST", file, part, "multipart/form-data; boundary=x");
await sent("POST", "tests", SUITE, "application/x-yaml");
await sent("POST", "dashboards", BOARD, "application/x-yaml");
const people = { username: TEXTS[0], password: "correct horse" };
const person = await sent("POST", "users", people);
await sent("POST", "groups", { name: TEXTS[1], description: ALL, membersId: [person.id] });
await sent("POST", "roles", { name: TEXTS[2], description: ALL, permissions: ["flow:read"] });
await sent("POST", `executions/${execution.id}/labels`, [{ key: "hostile", value: TEXTS[3] }]);

const binding = process.env.TRUNKLINE_UI_BINDING;
if (!binding) throw new Error("TRUNKLINE_UI_BINDING names a binding");
const hidden = `/main/flows?filters[q][EQUALS]=${encodeURIComponent(TEXTS[0])}`;
const details = detailsOf(execution, binding);
const pages = [...PAGES, "/main/dashboards/hostile", hidden, ...details];

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const found = [];
let seen = 0;
page.on("console", (message) => {
  if (message.text().includes("Content Security Policy")) found.push(message.text());
});
page.on("dialog", (dialog) => dialog.accept()); // of a page that has unsaved text
for (const path of pages) {
  await visit(page, path);
  const facts = await page.evaluate(() => ({
    ran: "hostile" in window,
    elements: document.querySelectorAll("[data-hostile]").length,
    links: document.querySelectorAll("[href^='javascript:' i], [src^='javascript:' i]").length,
    shown: document.body.textContent.includes("data-hostile"),
  }));
  seen += facts.shown ? 1 : 0;
  if (facts.ran || facts.elements || facts.links) found.push(`${path}: ${q(facts)}`);
}

const opened = await page.context().newPage();
const served = await opened.goto(`${settings.base}/api/v1/main/${file}`).catch(() => null);
if (served !== null) found.push("a file of a user was shown, not downloaded");

await sent("DELETE", `users/${person.id}`, "");
await browser.close();
for (const line of [...found, ...strays, ...errors]) console.error(line);
if (seen < 10) console.error(`only ${seen} pages showed the texts`);
process.exit(found.length + strays.length + errors.length || seen < 10 ? 1 : 0);
