/** Which panels of the editor are open, by the address, else as they were left the last time. */

import { useUrl } from "../../design/search";
import type { Sizes } from "../../editor/split";
import { useLayoutHabit } from "../../editor/use-layout-habit";
import { type Below, isBelow } from "./below-panel";
import { isSide, type Side } from "./side-panel";

const CLOSED = "none";

export function usePanels() {
  const [search, change] = useUrl();
  const { habit, sizes, change: keep } = useLayoutHabit("flow");
  const side = search.side ?? habit.side;
  const below = search.below ?? habit.below ?? "problems";
  const set = (name: "side" | "below") => (tab: string | null) => {
    change({ [name]: tab ?? CLOSED });
    keep({ [name]: tab ?? CLOSED });
  };
  return {
    side: isSide(side) ? side : null,
    below: isBelow(below) ? below : null,
    sizes,
    setSide: set("side") as (tab: Side | null) => void,
    setBelow: set("below") as (tab: Below | null) => void,
    setSizes: (next: Sizes, isDone: boolean) => keep(next, isDone),
  };
}

export type Panels = ReturnType<typeof usePanels>;
