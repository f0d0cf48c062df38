import { expect, test } from "vitest";
import { type Name, namesLike } from "./name-index";
import { recent, remember } from "./recent";

const flow = (id: string): Name => ({ kind: "flow", id, namespace: "a" });

test("what begins so comes first, then a part of it, then what holds it", () => {
  const all = [
    flow("upload"),
    flow("nightly_load"),
    flow("load"),
    { kind: "plugin", id: "load" } as Name,
  ];
  const found = namesLike("LOAD", ["flow"], 8, all).map(({ id }) => id);
  expect(found).toEqual(["load", "nightly_load", "upload"]);
});

test("20,000 names are searched within the time of a frame or two", () => {
  const all = Array.from({ length: 20_000 }, (_, n) => flow(`company_flow_number_${n}`));
  const start = performance.now();
  expect(namesLike("number_19999", ["flow"], 8, all)).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(150);
});

test("where somebody went comes back once, the latest first", () => {
  localStorage.clear();
  for (const to of ["/a", "/b", "/a"]) remember({ kind: "Page", title: to, to });
  remember({ kind: "Action", title: "pressed", to: () => undefined });
  expect(recent().map(({ to }) => to)).toEqual(["/a", "/b"]);
});
