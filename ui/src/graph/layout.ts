/**
 * Where each box of a picture stands, and the points of its lines: pure reckoning by dagre, group by
 * group. What a group holds is laid out alone; the group then stands as one box among its neighbours.
 */

import { Graph, layout } from "@dagrejs/dagre";
import type { Box, Line, Picture } from "./model";

export type Direction = "TB" | "LR";
export type Point = { x: number; y: number };
export type Placed = Point & { uid: string; width: number; height: number };
export type Route = { source: string; target: string; points: Point[] };
export type Layout = { boxes: Placed[]; routes: Route[]; width: number; height: number };

const NODE = { width: 200, height: 44 };
const POINT = { width: 10, height: 10 };
const PAD = 16;
const HEAD = 28; // the name of a group

type Size = { width: number; height: number };
/** A group that is laid out: what it holds, from its own corner. */
type Part = Size & { boxes: Placed[]; routes: (Route & { line: number })[] };

/** Positions are of the upper left corner. */
export function layoutOf(picture: Picture, direction: Direction = "TB"): Layout {
  const filled = new Set(picture.boxes.map((box) => box.parent));
  const boxes = picture.boxes.filter((box) => !box.isGroup || filled.has(box.uid));
  const tree = new Tree(boxes);
  const lines = tree.linesByHolder(picture.lines);
  const parts = new Map<string | undefined, Part>();
  for (const holder of tree.innerFirst()) {
    parts.set(holder, partOf(tree.inside(holder), lines.get(holder) ?? [], parts, direction));
  }
  return whole(parts, picture.lines);
}

class Tree {
  private boxes: Map<string, Box>;
  private children = new Map<string | undefined, Box[]>();

  constructor(boxes: readonly Box[]) {
    this.boxes = new Map(boxes.map((box) => [box.uid, box]));
    for (const box of boxes) {
      const holder = this.holderOf(box.uid);
      const known = this.children.get(holder);
      if (known) known.push(box);
      else this.children.set(holder, [box]);
    }
  }

  inside = (holder: string | undefined): Box[] => this.children.get(holder) ?? [];

  private holderOf(uid: string): string | undefined {
    const parent = this.boxes.get(uid)?.parent;
    return parent !== undefined && this.boxes.has(parent) ? parent : undefined;
  }

  /** Every holder, each after those that it holds; the picture itself comes last. */
  innerFirst(): (string | undefined)[] {
    const found: (string | undefined)[] = [];
    const waiting: (string | undefined)[] = [undefined];
    while (waiting.length > 0) {
      const holder = waiting.pop();
      found.push(holder);
      for (const { uid, isGroup } of this.inside(holder)) if (isGroup) waiting.push(uid);
    }
    return found.reverse();
  }

  /** A box with all that hold it, the outermost first. */
  private path(uid: string): string[] {
    const found: string[] = [];
    for (let at: string | undefined = uid; at !== undefined; at = this.holderOf(at)) found.push(at);
    return found.reverse();
  }

  /** Each line within the narrowest holder of both its ends, between the boxes that stand there. */
  linesByHolder(lines: readonly Line[]): Map<string | undefined, Within[]> {
    const found = new Map<string | undefined, Within[]>();
    lines.forEach(({ source, target }, line) => {
      if (!this.boxes.has(source) || !this.boxes.has(target)) return;
      const [from, to] = [this.path(source), this.path(target)];
      let depth = 0;
      while (from[depth] === to[depth] && depth < from.length - 1 && depth < to.length - 1) depth++;
      const within = { line, source: from[depth] ?? source, target: to[depth] ?? target };
      const holder = depth > 0 ? from[depth - 1] : undefined;
      found.set(holder, [...(found.get(holder) ?? []), within]);
    });
    return found;
  }
}

type Within = { line: number; source: string; target: string };

function partOf(
  boxes: readonly Box[],
  lines: readonly Within[],
  parts: ReadonlyMap<string | undefined, Part>,
  direction: Direction,
): Part {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 28, ranksep: 36, marginx: PAD, marginy: PAD });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.uid, sizeOf(box, parts));
  for (const { line, source, target } of lines) graph.setEdge(source, target, {}, String(line));
  layout(graph);
  const placed = boxes.map(({ uid }) => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(uid) as unknown as Placed;
    return { uid, x: x - width / 2, y: y - height / 2, width, height };
  });
  const routes = graph.edges().map((edge) => ({
    line: Number(edge.name),
    source: edge.v,
    target: edge.w,
    points: (graph.edge(edge) as unknown as Route).points ?? [],
  }));
  const size = graph.graph() as unknown as Partial<Size>;
  return { boxes: placed, routes, width: size.width ?? 0, height: size.height ?? 0 };
}

function sizeOf(box: Box, parts: ReadonlyMap<string | undefined, Part>): Size {
  const part = box.isGroup ? parts.get(box.uid) : undefined;
  if (part) return { width: Math.max(part.width, 80), height: part.height + HEAD };
  return { ...(box.title ? NODE : POINT) };
}

/** All parts at their places in the picture; lines into a group lead on to the box that they mean. */
function whole(parts: ReadonlyMap<string | undefined, Part>, lines: readonly Line[]): Layout {
  const boxes: Placed[] = [];
  const routes: Route[] = [];
  const waiting: { holder: string | undefined; at: Point }[] = [
    { holder: undefined, at: { x: 0, y: 0 } },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { at } = next;
    const part = parts.get(next.holder);
    for (const box of part?.boxes ?? []) {
      const place = { ...box, x: box.x + at.x, y: box.y + at.y };
      boxes.push(place);
      if (parts.has(box.uid))
        waiting.push({ holder: box.uid, at: { x: place.x, y: place.y + HEAD } });
    }
    for (const { line, points } of part?.routes ?? []) {
      const { source = "", target = "" } = lines[line] ?? {};
      const moved = points.map(({ x, y }) => ({ x: x + at.x, y: y + at.y }));
      routes.push({ source, target, points: moved });
    }
  }
  const byUid = new Map(boxes.map((box) => [box.uid, box]));
  const { width = 0, height = 0 } = parts.get(undefined) ?? {};
  return { boxes, routes: routes.map((route) => led(route, byUid)), width, height };
}

/** A line whose end lies within a group goes on from the group's edge to that box. */
function led({ source, target, points }: Route, boxes: ReadonlyMap<string, Placed>): Route {
  const [first, last] = [points[0], points.at(-1)];
  const before = first ? nearest(boxes.get(source), first) : undefined;
  const after = last ? nearest(boxes.get(target), last) : undefined;
  const all = [...(before ? [before] : []), ...points, ...(after ? [after] : [])];
  return { source, target, points: all };
}

/** The point of a box's edge towards another point; none where that touches the box already. */
function nearest(box: Placed | undefined, { x, y }: Point): Point | undefined {
  if (!box) return undefined;
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const dx = Math.max(0, Math.abs(x - centre.x) - box.width / 2);
  const dy = Math.max(0, Math.abs(y - centre.y) - box.height / 2);
  if (dx < 1 && dy < 1) return undefined;
  if (dy >= dx) return { x: centre.x, y: y < centre.y ? box.y : box.y + box.height };
  return { x: x < centre.x ? box.x : box.x + box.width, y: centre.y };
}
