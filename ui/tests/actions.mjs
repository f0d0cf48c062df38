/** Every action of `actions.json` is on its page, and opens what it says: a rewrite may not lose one. */

import { launch, loggedIn, visit } from "./browser.mjs";
import { actionsOfPages } from "./scene.mjs";

async function missing(page, { name, opens, role = "button" }) {
  const action = page.getByRole(role, { name, exact: true }).first();
  const isThere = await action.waitFor({ timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  if (!isThere) return "is not there";
  if (opens === "there") return null;
  const before = page.url();
  await action.click();
  const seen =
    opens === "page"
      ? page.waitForURL((url) => url.href !== before, { timeout: 10_000 })
      : page.getByRole(opens).first().waitFor({ timeout: 10_000 });
  return seen.then(
    () => null,
    () => `opens no ${opens}`,
  );
}

const browser = await launch();
const { page, errors } = await loggedIn(browser);
const lost = [];
let count = 0;
for (const [address, actions] of await actionsOfPages()) {
  let isFresh = false;
  for (const action of actions) {
    if (!isFresh) await visit(page, address);
    const wrong = await missing(page, action);
    if (wrong) lost.push(`${address}: ${action.name} ${wrong}`);
    isFresh = action.opens === "there" && !wrong;
    count += 1;
  }
}
await browser.close();
for (const line of [...lost, ...errors]) console.error(line);
console.log(`${count} actions, ${lost.length} lost`);
process.exit(lost.length + errors.length ? 1 : 0);
