import { expect, test } from "vitest";
import { MANY, type Many, pathOf, statesFor } from "./many";

const named = (name: string) => MANY.find((one) => one.name === name) as Many;

test("of all that match, an act reaches only those that it fits", () => {
  expect(statesFor(named("restart"), undefined)).toBe("FAILED");
  expect(statesFor(named("kill"), undefined)).not.toMatch(/SUCCESS|FAILED|KILLING/);
  expect(statesFor(named("kill"), "RUNNING")).toBe("RUNNING");
  expect(statesFor(named("restart"), "SUCCESS")).toBeUndefined();
});

test("deleting has an address of its own", () => {
  expect(pathOf(named("delete"), "query")).toBe("/executions/by-query");
  expect(pathOf(named("kill"), "ids")).toBe("/executions/kill/by-ids");
});
