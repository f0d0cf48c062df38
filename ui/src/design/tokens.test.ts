// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(`${import.meta.dirname}/tokens.css`, "utf-8");
/** The tokens of each rule of the file, in their order: light, dark, and both with more contrast. */
const [light, dark, lightMore, darkMore] = css
  .split("}")
  .slice(0, 4)
  .map((block) =>
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]] as const),
  )
  .map((tokens, n, all) => new Map([...(all[n % 2] ?? []), ...tokens]));
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

/** Linear RGB as eyes see it that lack one kind of cones (Machado, Oliveira, Fernandes 2009). */
const EYES: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const seen = (color: [number, number, number], eye: number[][]) =>
  eye.map((row) => {
    const value = row.reduce((sum, factor, n) => sum + factor * (color[n] ?? 0), 0);
    return Math.min(1, Math.max(0, value));
  }) as [number, number, number];

for (const [name, theme] of [
  ["light", light],
  ["dark", dark],
  ["light, high contrast", lightMore],
  ["dark, high contrast", darkMore],
] as [string, Theme][]) {
  const isMore = name.includes("high contrast");
  for (const ground of ["page", "surface", "sunken"]) {
    for (const text of ["text", "muted", "accent", ...FAMILIES.map((f) => `${f}-text`)]) {
      test(`${text} can be read on ${ground} in the ${name} theme`, () => {
        expect(contrast(theme, text, ground)).toBeGreaterThanOrEqual(isMore ? 7 : 4.5);
      });
    }
    for (const graphic of ["control", ...FAMILIES]) {
      test(`${graphic} can be seen on ${ground} in the ${name} theme`, () => {
        expect(contrast(theme, graphic, ground)).toBeGreaterThanOrEqual(3);
      });
    }
  }
  test.each(Object.entries(EYES))(
    `for %s eyes any two states differ in the ${name} theme`,
    (_, eye) => {
      for (const one of FAMILIES) {
        for (const other of FAMILIES.filter((family) => family > one)) {
          const [a, b] = [oklab(seen(rgb(theme, one), eye)), oklab(seen(rgb(theme, other), eye))];
          const distance = 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
          expect(distance, `${one} and ${other}`).toBeGreaterThanOrEqual(10);
        }
      }
    },
  );
}
