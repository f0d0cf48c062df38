import { expect, test } from "vitest";
import { filtersOf } from "./filters";

const given = (query: object) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

test("what is shown and what is changed at once are asked for by the same filters", () => {
  const search = { namespace: "a.b", state: "FAILED", label: "team:data:1", from: "2026-05-01" };

  expect(given(filtersOf(search))).toEqual({
    "filters[namespace][PREFIX]": "a.b",
    "filters[state][IN]": "FAILED",
    "filters[labels][EQUALS][team]": "data:1",
    "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": "2026-05-01",
  });
});

test("half a label narrows nothing", () => {
  expect(given(filtersOf({ label: "team" }))).toEqual({});
});
