import { expect, test } from "vitest";
import { askedOfList, askedOfQuery } from "./many";

const PLACE = { namespace: "team.a", flowId: "one", triggerId: "hourly" };
const QUERY = { "filters[namespace][EQUALS]": "team.a" };

test("a list of triggers is switched with the flag in the body, by a query in the address", () => {
  expect(askedOfList("enable", [PLACE])).toEqual({
    path: "/triggers/set-disabled/by-triggers",
    json: { triggers: [PLACE], disabled: false },
  });
  expect(askedOfQuery("disable", QUERY)).toEqual({
    path: "/triggers/set-disabled/by-query",
    query: { ...QUERY, disabled: "true" },
  });
});

test("a backfill of all that match is resumed and ended by the filter alone", () => {
  expect(askedOfQuery("resume", QUERY)).toEqual({
    path: "/triggers/backfill/unpause/by-query",
    query: QUERY,
  });
  expect(askedOfList("end", [PLACE])).toEqual({
    path: "/triggers/backfill/delete/by-triggers",
    json: [PLACE],
  });
});
