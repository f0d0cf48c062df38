import { expect, test } from "vitest";
import { parentsOf } from "./page";

test("the namespaces that one lies in are above it, the outermost first", () => {
  expect(parentsOf("company")).toEqual([]);
  expect(parentsOf("company.team.lab")).toEqual([
    { title: "company", to: "/main/namespaces/edit/company/overview" },
    { title: "company.team", to: "/main/namespaces/edit/company.team/overview" },
  ]);
});
