import { expect, test } from "vitest";
import type { Op } from "../../design/filter/tokens";
import { MANY, type Many, pathOf, statesFor } from "./many";

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
