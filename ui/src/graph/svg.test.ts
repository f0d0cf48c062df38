import { expect, test } from "vitest";
import { layoutOf } from "./layout";
import { svgOf } from "./svg";

test("the file holds every box and line, with what people wrote as text", () => {
  const box = (uid: string, title: string) => ({ uid, title, type: "a.b.Log", isGroup: false });
  const picture = {
    boxes: [box("a", "first"), { ...box("b", `<b> & "c"`), state: "FAILED" }],
    lines: [{ source: "a", target: "b" }],
  };
  const text = svgOf(picture, layoutOf(picture), (token) => token);
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");

  expect(parsed.querySelector("parsererror")).toBeNull();
  expect([...parsed.querySelectorAll("text")].map((one) => one.textContent)).toEqual([
    "first",
    "Log",
    `<b> & "c"`,
    "FAILED",
  ]);
  expect(parsed.querySelectorAll("polyline")).toHaveLength(1);
  expect(text).toContain(`stroke="failed"`);
});
