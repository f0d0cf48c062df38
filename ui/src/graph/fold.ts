/** Groups that are folded stand as one box; what led into or out of them leads to that box. */

import type { Box, Line, Picture } from "./model";

/** A picture with more tasks than this begins with its outer groups folded. */
export const MOST_OPEN = 60;

/** The groups that are folded while nobody has said otherwise. */
export function foldedAtFirst({ boxes }: Picture): Set<string> {
  const tasks = boxes.filter(({ isGroup, title }) => !isGroup && title);
  if (tasks.length <= MOST_OPEN) return new Set();
  const isOuter = ({ isGroup, parent, title }: Box) => isGroup && !parent && title;
  return new Set(boxes.filter(isOuter).map(({ uid }) => uid));
}

/** The picture without what is inside of folded groups; each of them counts it by state. */
export function fold(picture: Picture, folded: ReadonlySet<string>): Picture {
  if (folded.size === 0) return picture;
  const byUid = new Map(picture.boxes.map((box) => [box.uid, box]));
  const standIns = new Map<string, string>();
  for (const box of picture.boxes) {
    const outermost = outermostFolded(box, byUid, folded);
    if (outermost) standIns.set(box.uid, outermost);
  }
  const boxes = picture.boxes
    .filter(({ uid }) => !standIns.has(uid) || standIns.get(uid) === uid)
    .map((box) => (standIns.has(box.uid) ? folding(box, picture, standIns) : box));
  return { boxes, lines: linesOf(picture.lines, standIns) };
}

function outermostFolded(
  box: Box,
  byUid: ReadonlyMap<string, Box>,
  folded: ReadonlySet<string>,
): string | undefined {
  let found: string | undefined;
  for (let at: Box | undefined = box; at; at = at.parent ? byUid.get(at.parent) : undefined) {
    if (at.isGroup && folded.has(at.uid)) found = at.uid;
  }
  return found;
}

function folding(group: Box, { boxes }: Picture, standIns: ReadonlyMap<string, string>): Box {
  const inside = boxes.filter(
    ({ uid, isGroup, title }) => !isGroup && title && standIns.get(uid) === group.uid,
  );
  const states: Record<string, number> = {};
  for (const { state } of inside) if (state) states[state] = (states[state] ?? 0) + 1;
  return { ...group, isGroup: false, folded: { count: inside.length, states } };
}

function linesOf(lines: readonly Line[], standIns: ReadonlyMap<string, string>): Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const source = standIns.get(line.source) ?? line.source;
    const target = standIns.get(line.target) ?? line.target;
    if (source === target && line.source !== line.target) continue;
    found.set(`${source} ${target} ${line.label ?? ""}`, { ...line, source, target });
  }
  return [...found.values()];
}
