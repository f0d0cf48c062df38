import { expect, test } from "vitest";
import { imageOf, MOST_BYTES, sizeText, textOf } from "./file-content";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

test("bytes are a text only where they are UTF-8 without a zero, and not too many", () => {
  expect(textOf(bytes("select 'é'"))).toBe("select 'é'");
  expect(textOf(bytes("a\0b"))).toBeNull();
  expect(textOf(new Uint8Array([0xff, 0xfe]).buffer)).toBeNull();
  expect(textOf(new ArrayBuffer(MOST_BYTES + 1))).toBeNull();
});

test("a picture is known by its name", () => {
  expect(imageOf("/a.PNG", bytes("x"))).toBe("data:image/png;base64,eA==");
  expect(imageOf("/a.svg", bytes("x"))).toBeNull();
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "1.5 kB"],
  [2_500_000, "2.5 MB"],
  [42_000, "42 kB"],
])("%d bytes are told as %s", (size, text) => {
  expect(sizeText(size)).toBe(text);
});
