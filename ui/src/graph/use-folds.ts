/** Which groups of a picture are folded: as the address says, else as is usual for its size. */

import { useUrl } from "../design/search";
import { foldedAtFirst, foldedFor, foldedFrom, levelsOf, MOST_AT_ALL } from "./fold";
import type { Picture } from "./model";

/** `folds` names the folded groups (`a|b`), is `all` or `none`, or the levels that are open (`~2`). */
export function useFolds(picture: Picture) {
  const [search, change] = useUrl();
  const folded = foldedOf(search.folds, picture) ?? foldedAtFirst(picture);
  const set = (uids: string[]) => change({ folds: uids.join("|") || "none" });
  const levels = levelsOf(picture);
  const open = Math.min(
    ...[...folded].map((uid) => levels.get(uid) ?? 1),
    Number.POSITIVE_INFINITY,
  );
  return {
    folded,
    has: levels.size > 0,
    /** Whether there is a level between what is open and all. */
    hasNext: folded.size > 0 && open < Math.max(0, ...levels.values()),
    turn: (uid: string) =>
      set(folded.has(uid) ? [...folded].filter((one) => one !== uid) : [...folded, uid]),
    openAll: (uids: readonly string[]) => set([...folded].filter((uid) => !uids.includes(uid))),
    next: () => change({ folds: `~${open}` }),
    all: (on: boolean) => change({ folds: on ? "all" : "none" }),
  };
}

function foldedOf(folds: string | undefined, picture: Picture): Set<string> | undefined {
  if (folds === "none") return foldedFor(picture, MOST_AT_ALL);
  if (folds === "all") return foldedFrom(picture, 1);
  if (folds?.startsWith("~")) return foldedFrom(picture, Number(folds.slice(1)) + 1);
  return folds === undefined ? undefined : new Set(folds.split("|"));
}
