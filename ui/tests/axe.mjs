/** Every page in both themes: there, without serious findings of axe, without a stray request. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch, loggedIn, visit } from "./browser.mjs";
import { PAGES } from "./pages.mjs";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launch();
const found = [];

for (const scheme of ["light", "dark"]) {
  const { page, strays, errors, context } = await loggedIn(browser, scheme);
  for (const path of PAGES) {
    await visit(page, path);
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    if (title.includes("nothing at this address")) found.push(`${path}: there is no such page`);
    await page.evaluate(source);
    const { violations } = await page.evaluate(() =>
      window.axe.run(document, { resultTypes: ["violations"] }),
    );
    for (const { id, impact, nodes } of violations) {
      if (!["serious", "critical"].includes(impact)) continue;
      for (const node of nodes) found.push(`${path} (${scheme}): ${id} at ${node.html}`);
    }
  }
  found.push(...strays.map((url) => `left the origin: ${url}`), ...errors);
  await context.close();
}
await browser.close();
for (const line of found) console.error(line);
console.log(`${PAGES.length} pages in two themes, ${found.length} findings`);
process.exit(found.length ? 1 : 0);
