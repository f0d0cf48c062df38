/** A tree of files as the rows that are in view, and how keys move among them. */

import type { FileEntry } from "../../api/types-more";

export type TreeRow = {
  path: string;
  name: string;
  isFolder: boolean;
  isOpen: boolean;
  depth: number;
};

const inOrder = (a: FileEntry, b: FileEntry) =>
  a.type.localeCompare(b.type) || a.fileName.localeCompare(b.fileName);

/** The rows below a folder (`/` or `/sql/`); what is not loaded yet has none. */
export function rowsOf(
  loaded: ReadonlyMap<string, readonly FileEntry[]>,
  open: ReadonlySet<string>,
  folder = "/",
  depth = 0,
): TreeRow[] {
  return [...(loaded.get(folder) ?? [])].sort(inOrder).flatMap((entry) => {
    const path = `${folder}${entry.fileName}`;
    const isFolder = entry.type === "Directory";
    const isOpen = isFolder && open.has(path);
    const row: TreeRow = { path, name: entry.fileName, isFolder, isOpen, depth };
    return isOpen ? [row, ...rowsOf(loaded, open, `${path}/`, depth + 1)] : [row];
  });
}

/** The folders above a path, the outermost first: `/a`, `/a/b`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").filter(Boolean).slice(0, -1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`);
}

export const parentOf = (path: string): string => path.replace(/\/[^/]*$/, "") || "/";

/** What a key means on a row; null where it is none of the tree's. */
export function intentOf(row: TreeRow, key: string): "act" | "rename" | "letter" | "move" | null {
  if (key === "Enter" || key === " ") return "act";
  if (key === "F2") return "rename";
  if (row.isFolder && key === (row.isOpen ? "ArrowLeft" : "ArrowRight")) return "act";
  if (key.length === 1) return "letter";
  return /^(Arrow|Home$|End$)/.test(key) ? "move" : null;
}

/** The row that a key leads to from the row `at`; the same one where there is none. */
export function movedTo(rows: readonly TreeRow[], at: number, key: string): number {
  const last = rows.length - 1;
  const row = rows[at];
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowLeft": {
      const above = row && rows.findIndex(({ path }) => path === parentOf(row.path));
      return above === undefined || above < 0 ? at : above;
    }
    default:
      return at;
  }
}

/** The next row whose name begins with what was typed, from `at` on and around. */
export function typedTo(rows: readonly TreeRow[], at: number, typed: string): number {
  const from = typed.length > 1 ? at : at + 1; // one letter again and again goes on
  for (let n = 0; n < rows.length; n += 1) {
    const index = (from + n) % rows.length;
    if (rows[index]?.name.toLowerCase().startsWith(typed.toLowerCase())) return index;
  }
  return at;
}

/** Where a path comes to lie when it is moved into a folder; null where that changes nothing. */
export function movedInto(path: string, folder: string): string | null {
  if (parentOf(path) === folder || folder === path || folder.startsWith(`${path}/`)) return null;
  return `${folder === "/" ? "" : folder}/${path.split("/").at(-1)}`;
}
