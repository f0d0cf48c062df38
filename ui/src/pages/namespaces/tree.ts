/** Namespaces as a tree: what is below what, and what is folded away. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { Page } from "../../api/types";
import type { Namespace } from "../../api/types-more";

type Named = { id: string };

export const depthOf = (id: string): number => id.split(".").length - 1;

export const isParent = (id: string, rows: readonly Named[]): boolean =>
  rows.some((row) => row.id.startsWith(`${id}.`));

/** Whether none of those above it is folded. */
export const isShown = (id: string, folded: ReadonlySet<string>): boolean =>
  ![...folded].some((name) => id.startsWith(`${name}.`));

/** A page of namespaces without what is folded; its total stays that of the server. */
export function useFolded(query: UseQueryResult<Page<Namespace>>) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const flip = useCallback((id: string) => {
    setFolded((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const { data } = query;
  const shown = data && {
    ...data,
    results: data.results.filter(({ id }) => isShown(id, folded)),
  };
  return { folded, flip, shown: { ...query, data: shown } as UseQueryResult<Page<Namespace>> };
}
