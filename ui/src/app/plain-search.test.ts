import { expect, test } from "vitest";
import { parsePlain, writePlain } from "./plain-search";

test("numbers and truth are written as they are", () => {
  expect(writePlain({ size: "25", page: 2, run: true, none: undefined })).toBe(
    "?size=25&page=2&run=true",
  );
  expect(writePlain({})).toBe("");
});

test("what is read is the text that was written", () => {
  const search = {
    "filters[state][IN]": "FAILED,KILLED",
    q: '"1e5" & a+b=50% #x',
    path: "/a/b",
    size: "0012",
    word: "true",
  };
  expect(parsePlain(writePlain(search))).toEqual(search);
  expect(writePlain(search)).toContain("filters[state][IN]=FAILED,KILLED");
});

test("a name that stands twice keeps both values", () => {
  expect(parsePlain("?state=FAILED&state=KILLED")).toEqual({ state: "FAILED,KILLED" });
});
