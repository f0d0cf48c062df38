/** The picture as an SVG file that stands for itself: with its colours, without the page. */

import { familyOf } from "../design/state";
import type { Layout } from "./layout";
import type { Box, Picture } from "./model";

type Colour = (token: string) => string;

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (text: string) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);

export function svgOf({ boxes }: Picture, layout: Layout, colour: Colour): string {
  const byUid = new Map(boxes.map((box) => [box.uid, box]));
  const { width, height } = layout;
  const lines = layout.routes.map(({ points }) => {
    const path = points.map(({ x, y }) => `${x},${y}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${colour("control")}"/>`;
  });
  const placed = layout.boxes.flatMap((place) => {
    const box = byUid.get(place.uid);
    return box ? [{ box, place }] : [];
  });
  const groups = placed.filter(({ box }) => box.isGroup);
  const nodes = placed.filter(({ box }) => !box.isGroup);
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="${colour("surface")}"/>`,
    ...groups.map(({ box, place }) => rect(box, place, colour, "sunken")),
    ...lines,
    ...nodes.map(({ box, place }) => rect(box, place, colour, "surface")),
    "</svg>",
  ].join("\n");
}

type Place = { x: number; y: number; width: number; height: number };

function rect(box: Box, { x, y, width, height }: Place, colour: Colour, fill: string): string {
  const edge = box.state ? colour(familyOf(box.state)) : colour("control");
  const size = `x="${x}" y="${y}" width="${width}" height="${height}" rx="4"`;
  if (!box.title) return `<rect ${size} fill="${colour("control")}"/>`;
  const text = (value: string, line: number, token: string) =>
    `<text x="${x + 10}" y="${y + line}" fill="${colour(token)}">${escaped(short(value))}</text>`;
  const below = box.state ?? box.type.split(".").at(-1) ?? "";
  return [
    `<rect ${size} fill="${colour(fill)}" stroke="${edge}"/>`,
    text(box.title, 18, "text"),
    box.isGroup ? "" : text(below, 35, "muted"),
  ].join("");
}

/** Gives the browser a file of the picture. */
export function saveSvg(picture: Picture, layout: Layout, name: string): void {
  const style = getComputedStyle(document.documentElement);
  const text = svgOf(picture, layout, (token) => style.getPropertyValue(`--${token}`).trim());
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.svg`;
  link.click();
  URL.revokeObjectURL(url);
}
