/** Groups that are folded stand as one box; what led into or out of them leads to that box. */

import type { Box, Line, Picture } from "./model";

/** A picture with more tasks than this begins with groups folded, until no more are open. */
export const MOST_OPEN = 60;
/** So many boxes at most are open when somebody opens all. */
export const MOST_AT_ALL = 2_000;

/** The groups that are folded while nobody has said otherwise: of a large picture, and iterations. */
export function foldedAtFirst(picture: Picture): Set<string> {
  const tasks = picture.boxes.filter(({ isGroup, title }) => !isGroup && title);
  const iterated = picture.boxes.filter(({ isIterated, title }) => isIterated && title);
  const folded = tasks.length <= MOST_OPEN ? new Set<string>() : foldedFor(picture, MOST_OPEN);
  for (const { uid } of iterated) folded.add(uid);
  return folded;
}

/** The groups to fold so that no more than `most` boxes are open, where that can be: by levels. */
export function foldedFor(picture: Picture, most: number): Set<string> {
  const levels = levelsOf(picture);
  const deepest = Math.max(0, ...levels.values());
  for (let level = deepest + 1; level > 1; level--) {
    const folded = foldedFrom(picture, level);
    if (openIn(picture, folded) <= most) return folded;
  }
  return foldedFrom(picture, 1);
}

/** The groups at a level and below it; the outermost are at level 1. */
export function foldedFrom(picture: Picture, level: number): Set<string> {
  const levels = levelsOf(picture);
  return new Set([...levels].filter(([, at]) => at >= level).map(([uid]) => uid));
}

/** How deep each named group lies; groups without a name cannot be folded and do not count. */
export function levelsOf({ boxes }: Picture): Map<string, number> {
  const byUid = new Map(boxes.map((box) => [box.uid, box]));
  const levels = new Map<string, number>();
  for (const box of boxes) {
    if (!box.isGroup || !box.title) continue;
    let level = 0;
    for (let at: Box | undefined = box; at; at = at.parent ? byUid.get(at.parent) : undefined) {
      if (at.title) level += 1;
    }
    levels.set(box.uid, level);
  }
  return levels;
}

const openIn = (picture: Picture, folded: ReadonlySet<string>): number =>
  fold(picture, folded).boxes.filter(({ isGroup, title }) => !isGroup && title).length;

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
    ({ uid, isGroup, title }) =>
      !isGroup && title && title !== group.title && standIns.get(uid) === group.uid,
  );
  const states: Record<string, number> = {};
  for (const { state, counts } of inside) {
    const found = counts ?? (state ? { [state]: 1 } : {});
    for (const [name, count] of Object.entries(found)) states[name] = (states[name] ?? 0) + count;
  }
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
