/** The filter of a list, as the address holds it. */

import { useMemo } from "react";
import type { Query } from "../../api/client";
import { useUrl } from "../search";
import { changesTo, type Field, type Filter, filtersIn, queryOf, textOfFilters } from "./tokens";

export type Use = {
  filters: Filter[];
  /** The filters in the server's words. */
  query: Query;
  /** The filters as they are typed. */
  text: string;
  isNarrowed: boolean;
  set: (filters: readonly Filter[]) => void;
};

export function useFilter(fields: readonly Field[]): Use {
  const [search, change] = useUrl();
  const key = JSON.stringify(search);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an equal address is the same filter
  const found = useMemo(() => {
    const filters = filtersIn(search, fields);
    return {
      filters,
      query: queryOf(filters),
      text: textOfFilters(filters, fields),
      isNarrowed: filters.length > 0,
    };
  }, [key, fields]);
  return { ...found, set: (filters) => change(changesTo(search, fields, filters)) };
}
