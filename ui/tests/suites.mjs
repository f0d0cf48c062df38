/** A test suite from a flow's page: written, run, its failing assertion found at its line, mended. */

import assert from "node:assert/strict";
import { api, launch, loggedIn, stepsOf, typed, visit } from "./browser.mjs";

const FLOW = `id: tested
namespace: lab.suites
inputs: [{id: name, type: STRING, defaults: World}]
tasks:
  - {id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello {{ inputs.name }}"}
  - {id: send, type: io.kestra.plugin.core.http.Request, uri: "http://127.0.0.1:1/none"}
`;
const SUITE = `id: greeting
namespace: lab.suites
flowId: tested
testCases:
  - id: greets
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      inputs: {name: Ana}
      tasks: [{id: send, outputs: {code: 200}}]
    assertions:
      - {value: "{{ outputs.send.code }}", equalTo: 200}
      - {value: "{{ outputs.greet.value }}", equalTo: Hello World}
`;
const FAILING_LINE = 12;

const server = await api();
const answer = await server.post("flows", { data: FLOW });
if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
await server.delete("tests/lab.suites/greeting");

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const button = (name) => page.getByRole("button", { name, exact: true });
const assertions = page.getByRole("region", { name: "greets" }).getByRole("row");

await step("a flow's page leads to a suite that names the flow", async () => {
  await visit(page, "/main/flows/edit/lab.suites/tested/tests");
  await page.getByText("This flow has no test suite yet.").waitFor();
  await page.getByRole("link", { name: "New test suite" }).click();
  await page.locator(".view-line", { hasText: "flowId: tested" }).waitFor();
});

await step("a wrong suite is marked at its line and not run", async () => {
  await typed(page, SUITE.replace("assertions:", "asertions:"));
  await page
    .getByText(/asertions/)
    .last()
    .waitFor();
  await page.getByRole("heading", { name: /^Problems \([1-9]/ }).waitFor();
  assert.equal(await button("Save and run").isDisabled(), true);
});

await step("a failing assertion is told with what was found, at its line", async () => {
  await typed(page, SUITE);
  await page.getByRole("heading", { name: "Problems (0)" }).waitFor();
  await button("Save and run").click();
  await page.waitForURL(/tests\/lab.suites\/greeting/);
  await page.getByRole("heading", { name: "Result: FAILED" }).waitFor();
  const failed = assertions.filter({ hasText: "FAILED" });
  assert.equal(await failed.count(), 1);
  assert.match(await failed.textContent(), /Hello World.*Hello Ana/);
  const problem = page.locator(".problems button");
  assert.match(await problem.textContent(), new RegExp(`${FAILING_LINE}:\\d+ greets`));
  await problem.click();
  await page.locator(".line-numbers.active-line-number", { hasText: FAILING_LINE }).waitFor();
  await page.locator(".squiggly-error").first().waitFor();
});

await step("mended, it holds, and the line is clean again", async () => {
  await typed(page, SUITE.replace("Hello World", "Hello Ana"));
  await page.getByRole("heading", { name: "Problems (0)" }).waitFor();
  await button("Save and run").click();
  await page.getByRole("heading", { name: "Result: SUCCESS" }).waitFor();
  await page.getByRole("heading", { name: "Problems (0)" }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Runs" }).locator("tbody tr").count(), 2);
});

await step("a run of before is shown again, by its address", async () => {
  await page.getByRole("region", { name: "Runs" }).getByRole("button", { name: "FAILED" }).click();
  await page.getByRole("heading", { name: "Result: FAILED" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Result: FAILED" }).waitFor();
});

await step("all that match are run from the list", async () => {
  await visit(page, "/main/tests?namespace=lab.suites");
  await page
    .getByRole("row", { name: /greeting/ })
    .getByText("SUCCESS")
    .waitFor();
  await button("Run all that match").click();
  await page.getByText("1 suite holds, 0 do not.").waitFor();
  await button("Run greeting").click();
  await page.getByText("greeting: SUCCESS.").waitFor();
});

await step("the palette leads to the page and to a new suite", async () => {
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Search or jump to…" }).fill("new test");
  await page.getByRole("option", { name: /^Action/ }).waitFor();
  await page.getByRole("combobox", { name: "Search or jump to…" }).fill("tests");
  await page.getByRole("option", { name: /^Page.*Tests/ }).click();
  await page.waitForURL(/main\/tests$/);
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
process.exit(0);
