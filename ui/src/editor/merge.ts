/** Three texts as one: what only one of two changed is taken, what both changed is for people. */

import { diffArrays } from "diff";

export type Chunk = {
  base: string[];
  theirs: string[];
  mine: string[];
  /** `same`: nobody or both alike; `theirs`, `mine`: one of them; `both`: differently. */
  kind: "same" | "theirs" | "mine" | "both";
};

export type Choice = "theirs" | "mine" | "both";

const linesOf = (text: string) => text.replaceAll("\r\n", "\n").split("\n");

/** For each line of `base` what stands in its place; the last entry is what follows them all. */
function placesOf(base: string[], other: string[]): { lines: string[]; isBegin: boolean }[] {
  const places = Array.from({ length: base.length + 1 }, () => ({
    lines: [] as string[],
    isBegin: true,
  }));
  let at = 0;
  let pending: string[] = [];
  let isAfterRemoved = false;
  for (const part of diffArrays(base, other)) {
    if (part.added) {
      if (isAfterRemoved) places[at - 1]?.lines.push(...part.value);
      else pending.push(...part.value);
      continue;
    }
    isAfterRemoved = part.removed;
    for (const line of part.value) {
      const place = places[at];
      if (place) {
        place.lines.push(...pending, ...(part.removed ? [] : [line]));
        // a line that goes stays with what comes in its place
        place.isBegin = pending.length === 0 && !part.removed;
      }
      pending = [];
      at += 1;
    }
  }
  const last = places[base.length];
  if (last) {
    last.lines.push(...pending);
    last.isBegin = pending.length === 0;
  }
  return places;
}

/** The parts of a text, each with what its three versions say; unchanged ones are as long as they can be. */
export function chunksOf(base: string, theirs: string, mine: string): Chunk[] {
  const old = linesOf(base);
  const [their, own] = [placesOf(old, linesOf(theirs)), placesOf(old, linesOf(mine))];
  const chunks: Chunk[] = [];
  for (let at = 0; at <= old.length; at++) {
    const line = at < old.length ? [old[at] ?? ""] : [];
    const [a, b] = [their[at], own[at]];
    const isQuiet = a?.isBegin && b?.isBegin;
    const chunk = { base: line, theirs: a?.lines ?? [], mine: b?.lines ?? [] };
    const last = chunks.at(-1);
    const kind = isQuiet ? "same" : "both";
    if (last && (last.kind === "same") === (kind === "same")) {
      last.base.push(...chunk.base);
      last.theirs.push(...chunk.theirs);
      last.mine.push(...chunk.mine);
    } else chunks.push({ ...chunk, kind });
  }
  return chunks.filter(isAny).map((chunk) => ({ ...chunk, kind: kindOf(chunk) }));
}

const isAny = ({ base, theirs, mine }: Chunk) => base.length + theirs.length + mine.length > 0;

const isEqual = (one: string[], other: string[]) =>
  one.length === other.length && one.every((line, n) => line === other[n]);

function kindOf({ base, theirs, mine }: Omit<Chunk, "kind">): Chunk["kind"] {
  if (isEqual(theirs, mine)) return "same";
  if (isEqual(base, theirs)) return "mine";
  return isEqual(base, mine) ? "theirs" : "both";
}

/** One text; of what both changed, the choice by the number of the chunk. */
export function mergedText(chunks: readonly Chunk[], choices: Record<number, Choice>): string {
  return chunks
    .flatMap(({ kind, theirs, mine }, n) => {
      if (kind === "same" || kind === "theirs") return theirs;
      if (kind === "mine") return mine;
      const choice = choices[n] ?? "mine";
      if (choice === "both") return [...theirs, ...mine];
      return choice === "theirs" ? theirs : mine;
    })
    .join("\n");
}
