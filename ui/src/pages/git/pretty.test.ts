import { expect, test } from "vitest";
import { pretty } from "./pretty";

test("JSON is broken into lines; what is cut stays as it came", () => {
  expect(pretty('{"ref":"x"}')).toBe('{\n  "ref": "x"\n}');
  expect(pretty('{"ref":')).toBe('{"ref":');
  expect(pretty("payload=%7B")).toBe("payload=%7B");
});
