/** From box to box along the lines: what an arrow key leads to. */

import type { Direction } from "./layout";
import type { Picture } from "./model";

export type Step = "next" | "before" | "left" | "right";

const KEYS: Record<Direction, Record<string, Step>> = {
  TB: { ArrowDown: "next", ArrowUp: "before", ArrowLeft: "left", ArrowRight: "right" },
  LR: { ArrowRight: "next", ArrowLeft: "before", ArrowUp: "left", ArrowDown: "right" },
};

export const stepOf = (key: string, direction: Direction): Step | undefined => KEYS[direction][key];

/** Where a step leads; undefined at an end. Points without a title are passed. */
export function stepFrom(picture: Picture, uid: string, step: Step): string | undefined {
  const titled = new Set(picture.boxes.filter((b) => b.title && !b.isGroup).map((b) => b.uid));
  const reach = (from: string, back: boolean) => reached(picture, titled, from, back);
  if (step === "next") return reach(uid, false)[0];
  if (step === "before") return reach(uid, true)[0];
  const [source] = reach(uid, true);
  const siblings = source === undefined ? [uid] : reach(source, false);
  const at = siblings.indexOf(uid);
  return at < 0 ? undefined : siblings[at + (step === "right" ? 1 : -1)];
}

/** The titled boxes that the lines lead to, or come from, in their order. */
function reached(
  { lines }: Picture,
  titled: ReadonlySet<string>,
  from: string,
  back: boolean,
): string[] {
  const found = new Set<string>();
  const seen = new Set([from]);
  const waiting = [from];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    for (const line of lines) {
      const [near, far] = back ? [line.target, line.source] : [line.source, line.target];
      if (near !== at || seen.has(far)) continue;
      seen.add(far);
      if (titled.has(far)) found.add(far);
      else waiting.push(far);
    }
  }
  return [...found];
}
