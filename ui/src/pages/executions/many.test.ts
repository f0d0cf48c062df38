import { expect, test } from "vitest";
import type { Op } from "../../design/filter/tokens";
import {
  askedOfIds,
  askedOfQuery,
  isSaid,
  MANY,
  type Many,
  pathOf,
  refusedOf,
  statesFor,
} from "./many";

const named = (name: string) => MANY.find((one) => one.name === name) as Many;
const stateIs = (op: Op, value: string) => [{ name: "state", field: "state", op, value }];

test("of all that match, an act reaches only those that it fits", () => {
  expect(statesFor(named("restart"), [])).toBe("FAILED");
  expect(statesFor(named("kill"), [])).not.toMatch(/SUCCESS|FAILED|KILLING/);
  expect(statesFor(named("kill"), stateIs("IN", "RUNNING,SUCCESS"))).toBe("RUNNING");
  expect(statesFor(named("restart"), stateIs("EQUALS", "SUCCESS"))).toBeUndefined();
});

test("deleting has an address of its own", () => {
  expect(pathOf(named("delete"), "query")).toBe("/executions/by-query");
  expect(pathOf(named("kill"), "ids")).toBe("/executions/kill/by-ids");
});

const said = { state: "WARNING", key: "team", value: "data" };

test("a state goes as a parameter, labels go as a body, other acts send ids alone", () => {
  expect(askedOfIds(named("change-status"), ["a"], said)).toEqual({
    path: "/executions/change-status/by-ids",
    query: { newStatus: "WARNING" },
    json: ["a"],
  });
  expect(askedOfIds(named("labels"), ["a"], said).json).toEqual({
    executionsId: ["a"],
    executionLabels: [{ key: "team", value: "data" }],
  });
  expect(askedOfQuery(named("labels"), { q: "x" }, said)).toEqual({
    path: "/executions/labels/by-query",
    query: { q: "x" },
    json: [{ key: "team", value: "data" }],
  });
  expect(askedOfIds(named("kill"), ["a"], said)).toEqual({
    path: "/executions/kill/by-ids",
    query: {},
    json: ["a"],
  });
});

test("half a label is not sent", () => {
  expect(isSaid(named("labels"), { ...said, value: " " })).toBe(false);
  expect(isSaid(named("kill"), { ...said, value: "" })).toBe(true);
});

test("a refusal names each one with its reason", () => {
  const body = { invalids: [{ message: "it runs", path: "execution", invalidValue: "a" }] };

  expect(refusedOf(body)).toEqual([{ id: "a", reason: "it runs" }]);
  expect(refusedOf("no JSON")).toEqual([]);
  expect(refusedOf(null)).toEqual([]);
});
