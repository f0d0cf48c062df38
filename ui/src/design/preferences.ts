/** What a person keeps with the server: filters by name, the columns of lists. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useAct } from "./receipt";
import type { Search } from "./search";

export type SavedFilter = { name: string; search: Search };
type Preferences = {
  filters?: Record<string, SavedFilter[]>;
  columns?: Record<string, string[]>;
};

const KEY = ["preferences"];
const read = () => call<Preferences>("GET", "/me/preferences");

export const usePreferences = (): Preferences =>
  useQuery({ queryKey: KEY, staleTime: 60_000, queryFn: read }).data ?? {};

/** Replaces the part of one list; the rest of what the person keeps is read anew and stays. */
export function useKeep<Name extends keyof Preferences>(name: Name, list: string, done: string) {
  type Part = NonNullable<Preferences[Name]>[string];
  const client = useQueryClient();
  return useAct({
    act: async (next: (old: Part | undefined) => Part) => {
      const kept = await read();
      const parts = kept[name] as Record<string, Part> | undefined;
      const all = { ...kept, [name]: { ...parts, [list]: next(parts?.[list]) } };
      await call("PUT", "/me/preferences", { json: all });
      client.setQueryData(KEY, all);
    },
    done: () => done,
  });
}
