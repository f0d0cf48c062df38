/** A unified diff as two texts: what runs here, and what Git holds. */

import { applyPatch } from "diff";

export type Item = { kind: string; key: string; state: string };
export type Sides = { git: string; live: string };

/** The server's diffs go from what runs here (`-`) to what Git holds (`+`). */
export function sidesOf(diff: string): Sides {
  const git: string[] = [];
  const live: string[] = [];
  let inside = false;
  for (const line of diff.split("\n")) {
    if (line.startsWith("@@")) inside = true;
    else if (!inside || line.startsWith("\\")) continue;
    else if (line.startsWith("+")) git.push(line.slice(1));
    else if (line.startsWith("-")) live.push(line.slice(1));
    else {
      git.push(line.slice(1));
      live.push(line.slice(1));
    }
  }
  return { git: git.join("\n"), live: live.join("\n") };
}

export const keyOf = ({ kind, key }: Item): string => `${kind} ${key}`;

/** The states that items have, each once, by name. */
export const statesOf = (items: readonly Item[]): string[] =>
  [...new Set(items.map(({ state }) => state))].sort();

/** The items of a plan, which is there whole, whose name holds a text and that have a state. */
export function fitting<T extends Item>(items: readonly T[], text = "", state = ""): T[] {
  const wanted = text.toLowerCase();
  return items.filter(
    (item) => keyOf(item).toLowerCase().includes(wanted) && (!state || item.state === state),
  );
}

/** What Git holds, from what runs here and the difference between the two; null: they do not fit. */
export function gitText(live: string, diff: string): string | null {
  const text = applyPatch(live, diff);
  return text === false ? null : text;
}
