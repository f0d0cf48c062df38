/** Where each box of a picture stands, and the points of its lines: pure reckoning by dagre. */

import { Graph, layout } from "@dagrejs/dagre";
import type { Picture } from "./model";

export type Placed = { uid: string; x: number; y: number; width: number; height: number };
export type Route = { source: string; target: string; points: { x: number; y: number }[] };
export type Layout = { boxes: Placed[]; routes: Route[]; width: number; height: number };

const NODE = { width: 200, height: 44 };
const POINT = { width: 10, height: 10 };

/** Positions are of the upper left corner. */
export function layoutOf({ boxes, lines }: Picture): Layout {
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 36, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  const filled = new Set(boxes.map((box) => box.parent));
  const shown = boxes.filter((box) => !box.isGroup || filled.has(box.uid));
  const known = new Set(shown.map((box) => box.uid));
  for (const box of shown) {
    graph.setNode(box.uid, box.isGroup ? {} : { ...(box.title ? NODE : POINT) });
  }
  for (const { uid, parent } of shown) {
    if (parent && known.has(parent)) graph.setParent(uid, parent);
  }
  lines.forEach(({ source, target }, n) => {
    if (known.has(source) && known.has(target)) graph.setEdge(source, target, {}, String(n));
  });
  layout(graph);
  const placed = shown.map(({ uid }) => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(uid) as unknown as Placed;
    return { uid, x: x - width / 2, y: y - height / 2, width, height };
  });
  const routes = graph.edges().map((edge) => ({
    source: edge.v,
    target: edge.w,
    points: (graph.edge(edge) as unknown as Route).points ?? [],
  }));
  const size = graph.graph() as unknown as { width?: number; height?: number };
  return { boxes: placed, routes, width: size.width ?? 0, height: size.height ?? 0 };
}
