/** How somebody left the panels of an editor: kept with the server, for that person everywhere. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { call } from "../api/client";
import { SIZES, type Sizes } from "./split";

export type Habit = Partial<Sizes> & {
  /** The tab that is open; empty where the panel is closed. */
  side?: string;
  below?: string;
};

const KEY = ["preferences"];
type Kept = { panels?: Record<string, Habit> };
const read = () => call<Kept>("GET", "/me/preferences");

export function useLayoutHabit(name: string) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: KEY, staleTime: 60_000, queryFn: read });
  const [now, setNow] = useState<Habit>({});
  const habit: Habit = { ...query.data?.panels?.[name], ...now };
  /** With `isKept` it is told to the server; a habit that cannot be kept is no reason to complain. */
  const change = useCallback(
    (part: Habit, isKept = true) => {
      setNow((old) => ({ ...old, ...part }));
      if (isKept) void keep(name, part, (all) => client.setQueryData(KEY, all));
    },
    [client, name],
  );
  return { habit, sizes: { ...SIZES, ...habit } as Sizes, change };
}

async function keep(name: string, part: Habit, told: (all: Kept) => void): Promise<void> {
  try {
    const kept = await read();
    const panels = { ...kept.panels, [name]: { ...kept.panels?.[name], ...part } };
    await call("PUT", "/me/preferences", { json: { ...kept, panels } });
    told({ ...kept, panels });
  } catch {
    // it stays as it is in this tab
  }
}
