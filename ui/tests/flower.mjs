/** Makes the picture of docs/flower.md from a Flower that has seen some jobs. */

import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";

const base = process.env.FLOWER_BASE ?? "http://127.0.0.1:5555";
const [username = "", password = ""] = (process.env.FLOWER_BASIC_AUTH ?? "").split(":");
const browser = await launch();
const context = await browser.newContext({
  viewport: { width: 1500, height: 620 },
  httpCredentials: { username, password },
});
const page = await context.newPage();
await page.goto(`${base}/tasks`);
await page.locator("#tasks-table tbody tr td:nth-child(3)").first().waitFor();
await page.screenshot({
  path: fileURLToPath(new URL("../../docs/images/flower.png", import.meta.url)),
});
await browser.close();
