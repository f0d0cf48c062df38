// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(`${import.meta.dirname}/tokens.css`, "utf-8");
const [light, dark] = [css.slice(0, css.indexOf("}")), css.slice(css.indexOf("}") + 1)].map(
  (block) => new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]])),
);
const FAMILIES = ["success", "running", "warning", "failed", "paused", "waiting", "killed"];

type Theme = Map<string | undefined, string | undefined>;
const linear = (channel: number) =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

function rgb(theme: Theme, name: string): [number, number, number] {
  const hex = theme.get(name);
  if (!hex) throw new Error(`no token --${name}`);
  const at = (n: number) => linear(Number.parseInt(hex.slice(n, n + 2), 16) / 255);
  return [at(1), at(3), at(5)];
}

const luminance = ([r, g, b]: [number, number, number]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2 contrast ratio of two tokens. */
function contrast(theme: Theme, one: string, other: string): number {
  const [a, b] = [luminance(rgb(theme, one)), luminance(rgb(theme, other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Ottosson's OKLab, as vectors of L, a, b. */
function oklab([r, g, b]: [number, number, number]): [number, number, number] {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

for (const [name, theme] of [
  ["light", light],
  ["dark", dark],
] as [string, Theme][]) {
  for (const ground of ["page", "surface", "sunken"]) {
    for (const text of ["text", "muted", "accent", ...FAMILIES.map((f) => `${f}-text`)]) {
      test(`${text} can be read on ${ground} in the ${name} theme`, () => {
        expect(contrast(theme, text, ground)).toBeGreaterThanOrEqual(4.5);
      });
    }
    for (const graphic of ["control", ...FAMILIES]) {
      test(`${graphic} can be seen on ${ground} in the ${name} theme`, () => {
        expect(contrast(theme, graphic, ground)).toBeGreaterThanOrEqual(3);
      });
    }
  }
  test(`any two states differ in the ${name} theme`, () => {
    for (const one of FAMILIES) {
      for (const other of FAMILIES.filter((family) => family > one)) {
        const [a, b] = [oklab(rgb(theme, one)), oklab(rgb(theme, other))];
        const distance = 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        expect(distance, `${one} and ${other}`).toBeGreaterThanOrEqual(10);
      }
    }
  });
}
