import { expect, test } from "vitest";
import { labelsIn } from "./many";

test("labels are pairs between commas; a half one is none", () => {
  expect(labelsIn("team:data, owner: ana ,half,:x,y:")).toEqual([
    { key: "team", value: "data" },
    { key: "owner", value: "ana" },
  ]);
  expect(labelsIn("url:http://x")).toEqual([{ key: "url", value: "http://x" }]);
  expect(labelsIn("")).toEqual([]);
});
