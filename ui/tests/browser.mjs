/** A real Chromium on a real server: how the tests of pages begin. */

import { chromium, request } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What the tests need from outside, by environment: nothing secret is an argument. */
export const settings = {
  base: process.env.TRUNKLINE_UI_BASE ?? "http://127.0.0.1:8080",
  user: process.env.TRUNKLINE_UI_USER ?? "admin@example.org",
  password: process.env.TRUNKLINE_UI_PASSWORD ?? "",
};

export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page of its own context, logged in; `strays` collects requests that leave the origin. */
export async function loggedIn(browser, colorScheme = "light") {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    colorScheme,
    timezoneId: "UTC",
    acceptDownloads: true,
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: settings.base });
  const page = await context.newPage();
  const strays = [];
  const errors = [];
  page.on("request", (request) => {
    const url = request.url();
    if (/^(data|blob):/.test(url) || url.startsWith(settings.base)) return;
    strays.push(url);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${settings.base}/ui/login`);
  await page.getByLabel("User").fill(settings.user);
  await page.getByLabel("Password").first().fill(settings.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(/\/main\//);
  return { context, page, strays, errors };
}

/** Goes to an address of the UI and waits until nothing loads any more. */
export async function visit(page, path) {
  await page.goto(`${settings.base}/ui${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
}

/** Waits until what is asked outside the page holds: `page.waitForFunction` takes a promise for true. */
export async function until(holds) {
  const ends = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > ends) throw new Error(`never: ${holds}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** Replaces the text of the editor in view. */
export async function typed(page, text) {
  const editor = page.locator(".monaco-editor textarea").first();
  await editor.waitFor({ state: "attached" });
  await editor.focus();
  await page.keyboard.press("Control+A");
  await page.evaluate((value) => navigator.clipboard.writeText(value), text); // typing would indent
  await page.keyboard.press("Control+V");
}

/** Runs steps by name; the first that fails is told, with a picture where one is wanted. */
export function stepsOf(page) {
  return async (name, act) => {
    try {
      await act();
      console.log(`ok ${name}`);
      await shot(page, name);
    } catch (error) {
      await shot(page, "failed");
      console.error(`failed: ${name}`);
      throw error;
    }
  };
}

async function shot(page, name) {
  const folder = process.env.TRUNKLINE_UI_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll(" ", "-")}.png` });
}

/** Somebody else, who speaks to the API. */
export function api() {
  const { base, user, password } = settings;
  const token = Buffer.from(`${user}:${password}`).toString("base64");
  return request.newContext({
    baseURL: `${base}/api/v1/main/`,
    extraHTTPHeaders: { Authorization: `Basic ${token}`, "Content-Type": "application/x-yaml" },
  });
}
