/** The address is the state (rule 1): filters, sort and page live in the URL's search. */

import { useNavigate, useSearch } from "@tanstack/react-router";

export type Search = Record<string, string | undefined>;

/** The search parameters as texts, and how to change some of them; undefined removes one. */
export function useUrl(): [Search, (changes: Search) => void] {
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const search: Search = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined && value !== null) search[name] = String(value);
  }
  const change = (changes: Search) => {
    const next: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...search, ...changes })) {
      if (value !== undefined && value !== "") next[name] = value;
    }
    void navigate({ to: ".", search: next as never, replace: true });
  };
  return [search, change];
}
