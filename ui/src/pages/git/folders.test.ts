import { expect, test } from "vitest";
import { contentOf, foldersOf } from "./folders";

const FILES = ["README.md", "prod/a.yaml", "prod/sql/b.sql", "prod-eu/c.yml"];

test("folders are those on the way to a file", () => {
  expect(foldersOf(FILES)).toEqual(["prod", "prod-eu", "prod/sql"]);
});

test("a folder is told by its YAML files and others; nothing is the whole repository", () => {
  expect(contentOf(FILES, "/prod/")).toEqual({ yaml: 1, other: 1 });
  expect(contentOf(FILES, "")).toEqual({ yaml: 2, other: 2 });
  expect(contentOf(FILES, "pro")).toEqual({ yaml: 0, other: 0 });
});
