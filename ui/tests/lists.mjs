/** Filters that are kept, many executions at once, the palette's signs, folded groups. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { api, launch, loggedIn, stepsOf, until, visit } from "./browser.mjs";
import { line } from "./cut.mjs";

const FLOW = `id: lists
namespace: lab.lists
labels: {team: data}
tasks:
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: left, type: io.kestra.plugin.core.log.Log, message: left}
      - {id: right, type: io.kestra.plugin.core.log.Log, message: right}
`;
const server = await api();
const answer = await server.post("flows", { data: FLOW });
if (!answer.ok() && answer.status() !== 422) throw new Error(await answer.text());
await server.post("flows", { data: FLOW.replace("lab.lists", "lab.cut") });

/** Runs the flow of a namespace to its end; the execution's id. */
async function run(namespace) {
  const started = await server.post(`executions/${namespace}/lists?wait=true`, {
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
    data: "--x--",
  });
  assert.ok(started.ok(), await started.text());
  return (await started.json()).id;
}
for (let n = 0; n < 2; n++) await run("lab.lists");

const found = await (await server.get("executions/search?namespace=lab.lists&size=1")).json();
const first = found.total;

const browser = await launch();
const { page, strays, errors } = await loggedIn(browser);
const step = stepsOf(page);
const button = (name) => page.getByRole("button", { name, exact: true });

await step("a filter is kept by name and used again", async () => {
  await visit(page, "/main/executions?namespace=lab.lists&state=SUCCESS");
  await page.getByText(`${first} found`).waitFor();
  await button("Saved filters").click();
  await page.getByLabel("Save the filter as").fill("mine");
  await button("Save").click();
  await page.getByText("The filter mine is saved.").waitFor();
  await visit(page, "/main/executions");
  await button("Saved filters").click();
  await button("mine").click();
  const box = page.getByRole("combobox", { name: "Filter" });
  assert.equal(await box.inputValue(), "state:SUCCESS namespace:lab.lists.*");
  assert.match(decodeURIComponent(page.url()), /filters\[state\]\[IN\]=SUCCESS/);
  await page.getByText(`${first} found`).waitFor();
});

await step(
  "a filter is typed, completed, told where wrong, and taken off by its chip",
  async () => {
    const box = page.getByRole("combobox", { name: "Filter" });
    await box.fill("namespace:lab.lists label:team");
    await page.getByText("A label is written label:key=value.").waitFor();
    await box.fill("namespace:lab.lists label:team=other");
    await page.getByText("No execution fits the filter.").waitFor();
    await button("Take off label:team=other").click();
    await page.getByText(`${first} found`).waitFor();
    assert.equal(await box.inputValue(), "namespace:lab.lists");
    await box.fill("namespace:lab.lists st");
    await page.getByRole("option", { name: "state:", exact: true }).click();
    await page.keyboard.type("succ");
    await page.getByRole("option", { name: "state:SUCCESS" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/state.*SUCCESS/);
    assert.equal((await box.inputValue()).trim(), "namespace:lab.lists state:SUCCESS");
    await page.reload();
    await page.getByText(`${first} found`).waitFor();
    assert.equal(await box.inputValue(), "state:SUCCESS namespace:lab.lists");
  },
);

await step("in a narrow window a row has two lines", async () => {
  const cells = page.locator("tbody tr").first().locator("td:not(.choosing)");
  const places = async () => (await cells.all()).slice(0, 4).map((cell) => cell.boundingBox());
  const wide = await Promise.all(await places());
  assert.equal(new Set(wide.map(({ x }) => x)).size, 4);
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 800 });
  const narrow = await Promise.all(await places());
  const [state, id, flow, namespace] = narrow;
  assert.deepEqual([state.x, flow.x], [id.x, namespace.x]);
  assert.ok(state.y + state.height <= id.y && flow.x > state.x);
  assert.ok(flow.x + flow.width <= 320, "what runs is in view");
  const rest = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(rest <= 320, "the page itself does not scroll sideways");
  await page.setViewportSize(before);
});

await step("rows are gone through, chosen and opened by keys", async () => {
  await page.locator("h1").click();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor();
  assert.equal(await page.locator("tbody tr").first().getByRole("checkbox").isChecked(), true);
  await page.keyboard.press("Enter");
  await page.waitForURL(/executions\/lab.lists\/lists\//);
  await page.goBack();
  await page.getByText(`${first} found`).waitFor();
});

await step("several executions are replayed at once", async () => {
  await button("Take off state:SUCCESS").click();
  await page.waitForURL((url) => !decodeURIComponent(url.href).includes("[state]"));
  await page.getByLabel("Select all on this page").check();
  await page.getByText(`${first} selected`).waitFor();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText(`Done for ${first} of ${first}.`).waitFor();
  await page.getByText(`${2 * first} found`).waitFor();
});

await step("many get another end and a label at once, and their number is told first", async () => {
  await page.getByLabel("Select all on this page").check();
  await button("Change state").click();
  const question = page.getByRole("dialog");
  await question.getByText(`It reaches ${2 * first} executions.`).waitFor();
  await question.getByRole("combobox", { name: "New state" }).click();
  await page.getByRole("option", { name: "WARNING" }).click();
  await question.getByRole("button", { name: "Change state" }).click();
  await page
    .getByRole("cell", { name: "WARNING" })
    .nth(2 * first - 1)
    .waitFor();
  await page.getByLabel("Select all on this page").check();
  await button("Add a label").click();
  await question.getByRole("textbox", { name: "Key" }).fill("checked");
  await question.getByLabel("Value").fill("yes");
  await question.getByRole("button", { name: "Add a label" }).click();
  await page
    .getByRole("cell", { name: "checked: yes" })
    .nth(2 * first - 1)
    .waitFor();
});

await step("new rows announce themselves and move nothing", async () => {
  const top = page.locator("tbody tr").first();
  const before = [await top.textContent(), (await top.boundingBox()).y];
  await run("lab.lists");
  await button("1 new execution").waitFor();
  assert.equal((await top.boundingBox()).y, before[1]);
  assert.match(before[0], /WARNING/);
  await button("1 new execution").click();
  await top.getByText("SUCCESS").waitFor();
  await page.getByLabel("Rows a page").selectOption("25");
  await page.waitForURL(/[?&]size=25(&|$)/);
});

await step("a log is searched, its lines selected, one of them opened", async () => {
  await page.locator("tbody a.mono").first().click();
  await page.getByRole("link", { name: "Logs", exact: true }).last().click();
  const lines = page.getByRole("feed", { name: "Lines of the log" });
  await lines.getByText("left", { exact: true }).last().waitFor();
  await page.getByLabel("Find").fill("^r.g");
  await button("Regular expression").click();
  await page.getByText("1 of 1").waitFor();
  await page.waitForURL(/regex=on.*#L\d$/);
  await button("Only lines that match").click();
  await page.getByText("1 line", { exact: true }).waitFor();
  await button("Only lines that match").click();
  await button("Select line 1").click();
  await page.keyboard.down("Shift");
  await button("Select line 2").click();
  await page.keyboard.up("Shift");
  await page.waitForURL(/#L1-2$/);
  await button("Copy").click();
  await page.getByText("2 lines are copied.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.deepEqual(copied.split("\n").sort(), ["left", "right"]);
  await page.reload();
  await page.getByText("Lines 1–2 (2)").waitFor();
  await lines.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Line 2" }).waitFor();
});

await step("columns are chosen and kept", async () => {
  await visit(page, "/main/executions");
  const head = page.getByRole("columnheader", { name: "Parent" });
  assert.equal(await head.count(), 0);
  await button("Columns").click();
  await page.getByRole("checkbox", { name: "Parent" }).check();
  await head.waitFor();
  await button("Move Id to the front").click();
  await button("Make Id wider").click();
  await page.keyboard.press("Escape");
  const edge = await page
    .getByRole("columnheader", { name: "Flow" })
    .locator(".column-edge")
    .boundingBox();
  await page.mouse.move(edge.x + 4, edge.y + 4);
  await page.mouse.down();
  await page.mouse.move(edge.x + 84, edge.y + 4);
  const written = page.waitForResponse(
    (answer) => answer.request().postData()?.includes('"flow":'), // those before it are on their way too
  );
  await page.mouse.up();
  await written;
  const heads = () =>
    page
      .locator("thead th")
      .evaluateAll((all) => all.map((th) => [th.textContent.trim(), th.style.width]));
  const before = await heads();
  await page.reload();
  await head.waitFor();
  assert.deepEqual(await heads(), before);
  assert.deepEqual(before[1], ["Id", "184px"]);
  assert.match(before[3].join(" "), /^Flow \d+px$/);
});

await step("an execution gets a label and another end", async () => {
  await visit(page, "/main/executions?namespace=lab.lists");
  await page.locator("tbody a.mono").first().click();
  await button("Edit labels").click();
  await button("Take off team").click();
  await button("Add a label").click();
  await page.getByRole("textbox", { name: "Key" }).fill("seen");
  await page.getByLabel("Value").fill("yes");
  await button("Save").click();
  await page.locator(".page-head").getByText("seen: yes").waitFor();
  await button("Change state").click();
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "WARNING" }).click();
  await page.getByLabel("Reason").fill("looked at it");
  await button("Change").click();
  await page.getByText("The state is changed.").waitFor();
  await page.locator(".page-head").getByText("WARNING").waitFor();
});

await step("all that match are deleted, whatever page they are on", async () => {
  await visit(page, "/main/executions?namespace=lab.lists");
  await page
    .getByRole("checkbox", { name: /^Select (?!all)/ })
    .first()
    .check();
  await button(`All ${2 * first + 1} that match`).click();
  await button("Delete").click();
  const question = page.getByRole("dialog", { name: "Delete" });
  await question.getByText(`${2 * first + 1} executions go for good`).waitFor();
  await question.getByRole("button", { name: "Delete" }).click();
  await page.getByText(`Done for ${2 * first + 1} of ${2 * first + 1}.`).waitFor();
  await page.getByText("No execution fits the filter.").waitFor();
});

await step("flows are disabled, exported and deleted together", async () => {
  for (const id of ["one", "two"]) {
    const source = `id: ${id}\nnamespace: lab.many\n${FLOW.slice(FLOW.indexOf("tasks:"))}`;
    assert.ok((await server.post("flows", { data: source })).ok());
  }
  await visit(page, "/main/flows?namespace=lab.many");
  await page.getByLabel("Select all on this page").check();
  await button("Disable").click();
  await page.getByText("2 flows are changed.").waitFor();
  await page.getByRole("cell", { name: "disabled" }).nth(1).waitFor();
  await page.getByLabel("Select all on this page").check();
  const [file] = await Promise.all([page.waitForEvent("download"), button("Export").click()]);
  assert.equal(file.suggestedFilename(), "flows.zip");
  await button("Delete").click();
  const question = page.getByRole("dialog", { name: "Delete" });
  await question.getByText("2 flows go").waitFor();
  await question.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No flow fits").waitFor();
  await button("Import").click();
  const chooser = page.waitForEvent("filechooser");
  await button("Choose a file…").click();
  const buffer = readFileSync(await file.path());
  await (await chooser).setFiles({ name: "flows.zip", mimeType: "application/zip", buffer });
  await page.getByRole("cell", { name: "be a new flow" }).nth(1).waitFor();
  assert.equal(await page.getByRole("link", { name: "two" }).count(), 0); // nothing written yet
  await button("Save 2 flows").click();
  await page.getByText("2 flows of flows.zip are saved.").waitFor();
  await page.getByRole("link", { name: "two" }).waitFor();
});

await step("flows run and get a label together, and their sources are searched", async () => {
  await page.getByLabel("Select all on this page").check();
  await button("Enable").click();
  await page.getByRole("cell", { name: "disabled" }).first().waitFor({ state: "detached" });
  await page.getByLabel("Select all on this page").check();
  await button("Label…").click();
  await page.getByRole("dialog").getByLabel("Labels").fill("owner:ana");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("2 of 2 labelled.").waitFor();
  await page.getByRole("cell", { name: "owner: ana" }).nth(1).waitFor();
  await page.getByLabel("Select all on this page").check();
  await button("Run").click();
  await page.getByRole("dialog").getByRole("button", { name: "Run" }).click();
  await page.getByText("2 of 2 started.").waitFor();
  await page.locator(".strip").nth(1).waitFor();
  await visit(page, "/main/flows?view=source&namespace=lab.many&regex=true&text=^  owner: a.a");
  await page.locator("mark", { hasText: "owner: ana" }).nth(1).waitFor();
  await visit(page, "/main/flows");
});

await step("? lists the keys, and / leads to the search box", async () => {
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Go to Flows").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.type === "search");
  await page.locator("h1").click();
});

await step("a stream that is cut for ten seconds heals, and the dot tells of both", async () => {
  await run("lab.cut");
  const { base, cut, close } = await line();
  const other = await page.context().newPage();
  await other.goto(`${base}/ui/main/executions?namespace=lab.cut`);
  const dot = other.locator(".live");
  const told = (count) => other.getByRole("button", { name: `${count} new execution` });
  await dot.getByText("Live").waitFor();
  await other.getByText("1 found").waitFor();
  await run("lab.cut");
  await told(1).waitFor();
  cut(true);
  const whole = new Promise((resolve) => setTimeout(resolve, 10_000));
  await dot.getByText("Reconnecting").waitFor();
  await whole;
  await run("lab.cut");
  cut(false);
  await dot.getByText("Live").waitFor();
  await told(2).waitFor();
  await run("lab.cut");
  await told(3).waitFor();
  await other.close();
  close();
});

await step("a page past the end leads back, and what is above a page leads up", async () => {
  await visit(page, "/main/executions?namespace=lab.cut&page=99");
  await page.getByText("none on this page").waitFor();
  await button("First page").click();
  await page.locator("tbody tr").first().waitFor();
  assert.doesNotMatch(page.url(), /page=/);
  await visit(page, "/main/flows/edit/lab.lists/lists/overview");
  const above = page.getByRole("navigation", { name: "Breadcrumb" });
  assert.deepEqual(await above.getByRole("link").allTextContents(), ["Flows", "lab.lists"]);
  await above.getByRole("link", { name: "lab.lists" }).click();
  await page.waitForURL(/namespaces\/edit\/lab.lists\/overview/);
});

await step("the palette has the actions of the page", async () => {
  await visit(page, "/main/admin/groups");
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Search or jump to…" }).fill(">new gr");
  await page.getByRole("option", { name: /On this page/ }).waitFor();
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog", { name: "New group" });
  await form.getByRole("textbox").first().press("Escape"); // once the palette has left the focus
  await form.waitFor({ state: "detached" });
});

await step("the palette obeys its signs", async () => {
  const box = page.getByRole("combobox", { name: "Search or jump to" });
  const options = page.getByRole("option");
  await page.keyboard.press("Control+K");
  await box.fill(">");
  await options.filter({ hasText: "New flow" }).waitFor();
  assert.equal(await options.filter({ hasText: /^Page/ }).count(), 0);
  await box.fill("@lab.lists");
  await options.filter({ hasText: "Namespace" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/namespaces\/edit\/lab.lists/);
});

await step("g and a letter lead to a page", async () => {
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: "lab.lists" }).waitFor();
  await until(async () => {
    await page.keyboard.press("g"); // a busy machine may put more than the second between two keys
    await page.keyboard.press("f");
    return page.waitForURL(/\/main\/flows$/, { timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  });
});

await step("a group is folded, opened, and saved as a picture", async () => {
  await visit(page, "/main/flows/edit/lab.lists/lists/topology");
  await page.locator(".graph-node", { hasText: "left" }).waitFor();
  await button("Fold side").click();
  await page.locator(".graph-folded", { hasText: "+ side" }).waitFor();
  await page.locator(".graph-node", { hasText: "left" }).waitFor({ state: "detached" });
  await page.reload();
  await page.locator(".graph-folded", { hasText: "+ side" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("righ");
  await page.keyboard.press("Enter");
  const focused = (name) =>
    page.waitForFunction((text) => document.activeElement?.textContent?.startsWith(text), name);
  await focused("right");
  await page.keyboard.press("ArrowLeft");
  await focused("left");
  await page.keyboard.press("-");
  await page.getByText("75 %").waitFor();
  await page.keyboard.press("0");
  const [file] = await Promise.all([page.waitForEvent("download"), button("Save as SVG").click()]);
  assert.equal(file.suggestedFilename(), "lists.svg");
  assert.match(readFileSync(await file.path(), "utf8"), /<svg .*left.*<\/svg>/s);
});

await step("nothing left the origin and nothing broke", async () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(errors, []);
});
await browser.close();
