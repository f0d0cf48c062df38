/** The folders that are open, and what is in them: fetched when a folder is opened. */

import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import type { FileEntry } from "../../api/types-more";
import { foldersAbove, rowsOf } from "./tree-rows";

export function useTree(namespace: string, chosen: string | undefined) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(foldersAbove(chosen ?? "")));
  const [from, setFrom] = useState(chosen);
  if (chosen !== from) {
    setFrom(chosen); // what is made, found or moved is shown where it lies
    setOpen(new Set([...open, ...foldersAbove(chosen ?? "")]));
  }
  const folders = ["/", ...[...open].map((path) => `${path}/`)];
  const found = useQueries({
    queries: folders.map((folder) => ({
      queryKey: ["files", namespace, folder],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<FileEntry[]>("GET", `/namespaces/${namespace}/files/directory`, {
          signal,
          query: { path: folder },
        }),
    })),
    combine: (results) => ({
      root: results[0],
      loaded: results.map((result) => result.data),
    }),
  });
  const rows = useMemo(() => {
    const loaded = new Map<string, readonly FileEntry[]>();
    for (const [at, folder] of ["/", ...[...open].map((path) => `${path}/`)].entries()) {
      const entries = found.loaded[at];
      if (entries) loaded.set(folder, entries);
    }
    return rowsOf(loaded, open);
  }, [open, found.loaded]);
  const turn = (path: string, isOpen: boolean) => {
    const next = new Set(open);
    if (isOpen) next.add(path);
    else next.delete(path);
    setOpen(next);
  };
  return { root: found.root, rows, turn };
}
