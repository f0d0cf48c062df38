/** Dashboards, calendar, run grid and the newer tabs, each with something to show. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, typed, visit } from "./browser.mjs";

const FLOW = `id: rooms
namespace: lab.rooms
triggers:
  - {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "5 * * * *"}
  - {id: call, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefghijkl}
concurrency: {limit: 1, behavior: QUEUE}
tasks:
  - {id: count, type: io.kestra.plugin.core.metric.Publish, metrics: [{type: counter, name: rows, value: 7}]}
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: lab.rooms, flowId: below}
`;
const BELOW = `id: below
namespace: lab.rooms
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: below all}
`;
const DASHBOARD = `id: team
title: The team
charts:
  - id: by_state
    type: io.kestra.plugin.core.dashboard.chart.Pie
    chartOptions: {displayName: By state}
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns:
        state: {field: STATE}
        total: {agg: COUNT}
`;

const server = await api();
for (const data of [BELOW, FLOW]) {
  const answer = await server.post("flows", { data });
  if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
}
const called = await server.post("executions/webhook/lab.rooms/rooms/abcdefghijkl");
const { id } = await called.json();

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const button = (name) => page.getByRole("button", { name, exact: true });
const flow = "/main/flows/edit/lab.rooms/rooms";
const execution = `/main/executions/lab.rooms/rooms/${id}`;

await step("an execution shows what it started, counted and who began it", async () => {
  await visit(page, `${execution}/related`);
  await page.locator(".page-head .state", { hasText: "SUCCESS" }).waitFor();
  await page.getByRole("cell", { name: "below", exact: true }).first().waitFor();
  await visit(page, `${execution}/metrics`);
  await page.getByRole("cell", { name: "rows", exact: true }).first().waitFor();
  await visit(page, `${execution}/audit`);
  await page.getByRole("table").or(page.getByText("Nobody has done anything")).first().waitFor();
});

await step("the run grid leads from a task to its run", async () => {
  await visit(page, `${flow}/executions`);
  const cell = page.locator(".run-grid tbody a").first();
  await cell.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/logs.task=/);
});

await step("a flow shows its triggers, logs, metrics, relatives and slots", async () => {
  await visit(page, `${flow}/triggers`);
  await page.getByRole("cell", { name: "hourly", exact: true }).first().waitFor();
  await visit(page, "/main/flows/edit/lab.rooms/below/logs");
  await page.getByText("below all").first().waitFor();
  await visit(page, `${flow}/metrics`);
  await page
    .getByRole("cell", { name: /^[0-9]+$/ })
    .first()
    .waitFor();
  await visit(page, `${flow}/dependencies`);
  await page.locator(".graph-node", { hasText: "below" }).first().waitFor();
  await page.getByRole("button", { name: "Expand below: show its neighbours" }).click();
  await button("Show this flow only").waitFor();
  await visit(page, `${flow}/concurrency`);
  await page.getByText(/of [0-9]+ slots? taken/).waitFor();
  await page.getByText("QUEUE", { exact: true }).first().waitFor();
});

await step("the calendar shows what ran and what is planned", async () => {
  await visit(page, "/main/triggers?view=week&namespace=lab.rooms");
  await page.locator(".calendar-entry[data-planned]", { hasText: "rooms" }).first().waitFor();
  await page.locator(".calendar-entry", { hasText: "✓" }).first().waitFor();
});

await step("a dashboard is written, previewed and saved", async () => {
  await visit(page, "/main/dashboards/new");
  await typed(page, DASHBOARD);
  await page.getByRole("region", { name: "By state" }).first().waitFor();
  await page.locator(".chart-drawing svg").first().waitFor();
  await button("Save").click();
  await page.waitForURL(/dashboards.team/);
  await page.locator(".chart-drawing svg").first().waitFor();
  await button("As a table").click();
  await page.getByRole("cell", { name: "SUCCESS" }).first().waitFor();
});

await step("the processes of the server are listed", async () => {
  await visit(page, "/main/workers");
  await page.getByRole("region", { name: "Processes" }).getByRole("row").nth(1).first().waitFor();
});

await step("Home and the page of workers lead to each other", async () => {
  await visit(page, "/main/dashboards");
  const onHome = page.getByRole("region", { name: "Queues", exact: true });
  await onHome.getByRole("link", { name: "Workers and queues" }).click();
  await page.getByRole("button", { name: "Pause the queue default" }).waitFor();
  await page.goBack();
  await onHome.getByRole("row").nth(1).waitFor();
});

await step("where nothing is, one can search", async () => {
  await visit(page, "/main/flows/edit/lab.rooms/deleted/overview");
  await page.getByText("It may have been deleted or renamed.").first().waitFor();
  await visit(page, "/main/nowhere");
  await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
  await page.getByRole("main").getByRole("button", { name: "Search or jump to…" }).click();
  await page.getByRole("dialog").getByRole("combobox").fill("rooms");
  await page
    .getByRole("option", { name: /lab\.rooms/ })
    .first()
    .click();
  await page.waitForURL(/lab\.rooms/);
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
