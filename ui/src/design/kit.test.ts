/** Of Mantine's styles, those of every part that the sources use are there, and of no other. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const CORE = join(__dirname, "../../node_modules/@mantine/core");
const PARTS = join(CORE, "esm/components");
/** They have no part of their own. */
const BASE = ["baseline", "default-css-variables", "global"];

function files(folder: string, ending: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** What the sources import by name from Mantine. */
function names(): Set<string> {
  const found = new Set<string>();
  for (const file of files(join(__dirname, ".."), ".tsx")) {
    const imports = readFileSync(file, "utf8").matchAll(
      /import \{([^}]*)\} from "@mantine\/(?:core|notifications)"/g,
    );
    for (const [, list] of imports)
      for (const name of list?.split(",") ?? []) found.add(name.trim());
  }
  return found;
}

/** The modules that one of them imports, near or far. */
function closure(begin: string[]): Set<string> {
  const found = new Set<string>();
  const left = [...begin];
  for (let file = left.pop(); file; file = left.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, next] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      left.push(resolve(dirname(file), next as string));
    }
  }
  return found;
}

test("the styles of the kit are those of the parts in use", () => {
  const used = names();
  const begin = files(PARTS, ".mjs").filter((file) =>
    used.has(file.match(/(\w+)\.mjs$/)?.[1] ?? ""),
  );
  // notifications and the provider bring these by themselves
  begin.push(
    join(PARTS, "Notification/Notification.mjs"),
    join(PARTS, "ScrollArea/ScrollArea.mjs"),
  );
  const wanted = [...closure(begin)]
    .map((file) => file.match(/(\w+)\.module\.mjs$/)?.[1] ?? "")
    .filter((name) => existsSync(join(CORE, "styles", `${name}.css`)));
  const kit = readFileSync(join(__dirname, "kit.css"), "utf8");
  const held = [...kit.matchAll(/styles\/([\w-]+)\.css/g)].map(([, name]) => name as string);

  expect(held.filter((name) => !BASE.includes(name)).sort()).toEqual([...new Set(wanted)].sort());
});
