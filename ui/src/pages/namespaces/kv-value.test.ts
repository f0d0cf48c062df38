import { expect, test } from "vitest";
import { jsonOf, textOfValue } from "./kv-value";

test("a text is quoted, a number and a truth are not", () => {
  expect(jsonOf("STRING", 'a "b"')).toBe('"a \\"b\\""');
  expect(jsonOf("NUMBER", " 4.5 ")).toBe("4.5");
  expect(jsonOf("BOOLEAN", "true")).toBe("true");
  expect(jsonOf("DURATION", "PT5M")).toBe("PT5M");
});

test.each([
  ["NUMBER", "x"],
  ["NUMBER", ""],
  ["BOOLEAN", "yes"],
  ["JSON", "{"],
] as const)("%s %j is refused", (type, text) => {
  expect(() => jsonOf(type, text)).toThrow(SyntaxError);
});

test("a stored text begins without quotes, a map as JSON", () => {
  expect(textOfValue("a")).toBe("a");
  expect(textOfValue({ a: 1 })).toBe('{\n  "a": 1\n}');
});
