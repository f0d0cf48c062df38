/**
 * Which modules share a file: few files, since each is a question to the server, and over HTTP/1.1
 * only six travel at a time.
 */

import { fileURLToPath } from "node:url";

type Module = { importedIds: string[]; code: string | null };
type Graph = { getModuleInfo: (id: string) => Module | null };

/** Packages whose index names everything: of them, only what is imported by name counts. */
const INDEX =
  /(@mantine\/(core|hooks|notifications)|lucide-react)\/.*index\.m?js$|lucide-react\.m?js$/;
const NAMED = /import\s*\{([^}]*)\}\s*from\s*"([^"]+)"/g;
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
const nameOf = (id: string) => plain(id.replace(/^.*\//, "").replace(/\.\w+$/, ""));

/** The names that a module takes from each package. */
function namesOf(module: Module): Set<string> {
  const found = new Set<string>();
  for (const [, names] of (module.code ?? "").matchAll(NAMED)) {
    for (const name of names?.split(",") ?? []) found.add(plain(name.replace(/\sas\s.*/, "")));
  }
  return found;
}

/** What the first page loads: all that the entry imports at once, without what it asks for later. */
function closureOf(entry: string, graph: Graph): Set<string> {
  const found = new Set<string>();
  const left = [entry];
  for (let id = left.pop(); id; id = left.pop()) {
    const module = found.has(id) ? null : graph.getModuleInfo(id);
    found.add(id);
    if (!module) continue;
    const names = namesOf(module);
    for (const next of module.importedIds) {
      if (!INDEX.test(next)) left.push(next);
      else left.push(...named(next, names, graph));
    }
  }
  return found;
}

function named(index: string, names: Set<string>, graph: Graph): string[] {
  const all = graph.getModuleInfo(index)?.importedIds ?? [];
  return all.filter((id) => names.has(nameOf(id)));
}

let first: Set<string> | undefined;
function isFirst(id: string, graph: Graph): boolean {
  first ??= closureOf(fileURLToPath(new URL("src/main.tsx", import.meta.url)), graph);
  return first.has(id);
}

export const groups = [
  { name: (id: string, graph: Graph) => (isFirst(id, graph) ? "start" : null), priority: 2 },
  { name: "kit", minShareCount: 4, test: /\.(tsx?|m?js)$/, priority: 1 },
];
