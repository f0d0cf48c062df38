import { expect, test } from "vitest";
import type { FileEntry } from "../../api/types-more";
import { foldersAbove, intentOf, movedInto, movedTo, rowsOf, typedTo } from "./tree-rows";

const entry = (fileName: string, type: FileEntry["type"] = "File"): FileEntry => ({
  fileName,
  type,
  size: 1,
  lastModifiedTime: 0,
});
const loaded = new Map([
  ["/", [entry("b.txt"), entry("sql", "Directory"), entry("a.txt")]],
  ["/sql/", [entry("users.sql"), entry("orders.sql")]],
]);
const rows = rowsOf(loaded, new Set(["/sql"]));

test("folders come first, what is in an open one stands below it", () => {
  expect(rows.map(({ path, depth }) => `${depth}${path}`)).toEqual([
    "0/sql",
    "1/sql/orders.sql",
    "1/sql/users.sql",
    "0/a.txt",
    "0/b.txt",
  ]);
  expect(rowsOf(loaded, new Set()).length).toBe(3);
  expect(rowsOf(loaded, new Set(["/none"])).length).toBe(3);
});

test("arrows go from row to row, and left to the folder above", () => {
  expect(movedTo(rows, 0, "ArrowDown")).toBe(1);
  expect(movedTo(rows, 4, "ArrowDown")).toBe(4);
  expect(movedTo(rows, 0, "ArrowUp")).toBe(0);
  expect(movedTo(rows, 2, "ArrowLeft")).toBe(0);
  expect(movedTo(rows, 3, "ArrowLeft")).toBe(3);
  expect(movedTo(rows, 1, "End")).toBe(4);
});

test("letters lead to names that begin so, one letter again to the next", () => {
  expect(typedTo(rows, 0, "u")).toBe(2);
  expect(typedTo(rows, 3, "a")).toBe(3);
  expect(typedTo(rows, 0, "or")).toBe(1);
  expect(typedTo(rows, 2, "zz")).toBe(2);
});

test("a path moves into a folder, but not into itself or where it is", () => {
  expect(movedInto("/a.txt", "/sql")).toBe("/sql/a.txt");
  expect(movedInto("/sql/users.sql", "/")).toBe("/users.sql");
  expect(movedInto("/a.txt", "/")).toBeNull();
  expect(movedInto("/sql", "/sql/deep")).toBeNull();
  expect(movedInto("/sql", "/sql")).toBeNull();
  expect(foldersAbove("/a/b/c.txt")).toEqual(["/a", "/a/b"]);
});

test("a key opens what is shut, shuts what is open, and else moves", () => {
  const shut = { path: "/sql", name: "sql", isFolder: true, isOpen: false, depth: 0 };
  const open = { ...shut, isOpen: true };
  expect(intentOf(shut, "ArrowRight")).toBe("act");
  expect(intentOf(open, "ArrowRight")).toBe("move");
  expect(intentOf(open, "ArrowLeft")).toBe("act");
  expect(intentOf(shut, "ArrowLeft")).toBe("move");
  expect(intentOf(shut, "F2")).toBe("rename");
  expect(intentOf(shut, "x")).toBe("letter");
  expect(intentOf(shut, "Tab")).toBeNull();
});
