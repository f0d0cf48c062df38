/** What a person keeps with the server: filters by name, columns and widths of lists, looks. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call } from "../api/client";
import type { Look } from "./look";
import { tellFailure, useAct } from "./receipt";
import type { Search } from "./search";

export type SavedFilter = { name: string; search: Search };
type Preferences = {
  filters?: Record<string, SavedFilter[]>;
  /** The columns that are shown, in their order. */
  columns?: Record<string, string[]>;
  /** Of columns whose width was set, in pixels. */
  widths?: Record<string, Record<string, number>>;
  looks?: Record<string, Look>;
  /** Whether the chart above a list is folded. */
  folded?: Record<string, boolean>;
};
type Parts<Name extends keyof Preferences> = NonNullable<Preferences[Name]>;

const KEY = ["preferences"];
const read = () => call<Preferences>("GET", "/me/preferences");

export const usePreferences = (): Preferences =>
  useQuery({ queryKey: KEY, staleTime: 60_000, queryFn: read }).data ?? {};

/** One after the other: each reads what the one before has written. */
let writing: Promise<unknown> = Promise.resolve();
let latest = 0;

function write<Name extends keyof Preferences>(
  client: QueryClient,
  name: Name,
  list: string,
  next: (old: Parts<Name>[string] | undefined) => Parts<Name>[string] | undefined,
): Promise<unknown> {
  const changed = (kept: Preferences) => {
    const parts = kept[name] as Record<string, Parts<Name>[string]> | undefined;
    return { ...kept, [name]: { ...parts, [list]: next(parts?.[list]) } };
  };
  // an answer on its way is older than this, and must not bring back what was before it
  void client.cancelQueries({ queryKey: KEY }, { revert: false, silent: true });
  client.setQueryData<Preferences>(KEY, (kept = {}) => changed(kept));
  latest += 1;
  const mine = latest;
  const act = async () => {
    const all = changed(await read());
    await call("PUT", "/me/preferences", { json: all });
    if (mine === latest) client.setQueryData(KEY, all);
  };
  writing = writing.then(act, act);
  return writing.catch(async (error: Error) => {
    await client.invalidateQueries({ queryKey: KEY });
    throw error;
  });
}

/** Replaces the part of one list; the rest of what the person keeps is read anew and stays. */
export function useKeep<Name extends keyof Preferences>(name: Name, list: string, done: string) {
  type Part = Parts<Name>[string];
  const client = useQueryClient();
  return useAct({
    act: (next: (old: Part | undefined) => Part) => write(client, name, list, next),
    done: () => done,
  });
}

/** The same for a habit that shows at once: only a failure is told. */
export function useHabit<Name extends keyof Preferences>(name: Name, list: string) {
  type Part = Parts<Name>[string];
  const client = useQueryClient();
  return useCallback(
    (next: (old: Part | undefined) => Part | undefined) => {
      void write(client, name, list, next).catch(tellFailure);
    },
    [client, name, list],
  );
}
