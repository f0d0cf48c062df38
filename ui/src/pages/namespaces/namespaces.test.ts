import { expect, test } from "vitest";
import { nearest } from "./secrets-inherited";
import { tagsIn, tagsText } from "./tags";
import { touches } from "./touches";
import { isParent, isShown } from "./tree";
import { partOf, yamlOf } from "./yaml-part";

test("a folded namespace hides those below it, and not its like", () => {
  const folded = new Set(["a.b"]);
  expect(isShown("a.b", folded)).toBe(true);
  expect(isShown("a.b.c", folded)).toBe(false);
  expect(isShown("a.bc", folded)).toBe(true);
  expect(isParent("a", [{ id: "a.b" }])).toBe(true);
  expect(isParent("a", [{ id: "ab" }])).toBe(false);
});

test("a binding touches the namespaces above and below its own", () => {
  expect(touches("company", "company.data")).toBe(true);
  expect(touches("company.data", "company")).toBe(true);
  expect(touches("company.data", "company.data")).toBe(true);
  expect(touches("company.da", "company.data")).toBe(false);
  expect(touches("", "any")).toBe(true);
});

test("of a secret's name the nearest namespace above counts, unless it is its own", () => {
  const found = { a: ["X", "Y", "Z"], "a.b": ["Y"], "a.b.c": ["Z"] };
  expect(nearest(found, "a.b.c")).toEqual([
    { key: "X", namespace: "a" },
    { key: "Y", namespace: "a.b" },
  ]);
});

test("tags are read as they are written", () => {
  const tags = [
    { key: "team", value: "data" },
    { key: "url", value: "http://x" },
  ];
  expect(tagsIn(tagsText(tags))).toEqual(tags);
  expect(tagsIn("half, :x, y:")).toEqual([]);
});

test("a part of a record is YAML of its kind; nothing takes it away", () => {
  expect(yamlOf({})).toBe("");
  expect(partOf("", "variables")).toEqual({ value: undefined });
  expect(partOf("a: 1", "variables")).toEqual({ value: { a: 1 } });
  expect(partOf("- 1", "variables").error).toMatch(/map/);
  expect(partOf("a: 1", "pluginDefaults").error).toMatch(/list/);
  expect(partOf("a: [", "variables").error).toMatch(/line 1/);
});
