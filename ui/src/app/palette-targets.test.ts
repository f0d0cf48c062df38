import { expect, test } from "vitest";
import { askedOf, placesLike } from "./palette-targets";

test("the first sign says what is meant", () => {
  expect(askedOf("# 4vY0")).toEqual({ meant: "executions", text: "4vY0" });
  expect(askedOf("@company")).toEqual({ meant: "namespaces", text: "company" });
  expect(askedOf(":a41f9c2")).toEqual({ meant: "commits", text: "a41f9c2" });
  expect(askedOf("load # 2")).toEqual({ meant: "all", text: "load # 2" });
});

test("after > there are actions only, without it pages come first", () => {
  const kinds = (typed: string) => [...new Set(placesLike(askedOf(typed)).map(({ kind }) => kind))];

  expect(kinds(">")).toEqual(["Action"]);
  expect(kinds("flow")).toEqual(["Page", "Action"]);
  expect(kinds("#flow")).toEqual([]);
});
