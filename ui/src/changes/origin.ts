/** Where a flow or a file comes from, and what may be done to it here. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Narrowed, Page, Served } from "../api/types";
import type { Binding } from "../api/types-more";

export type Kind = "FLOW" | "FILE";
export type Origin = Narrowed<
  Served["Origin"],
  { kind: Kind; editMode?: "LOCKED" | "OVERWRITE" | "BLOCK" }
>;
/** What Git owns: every field that the server tells of it is there. */
export type Owned = Origin & Required<Pick<Origin, "binding" | "ref" | "path" | "editMode">>;

export const ownedOf = (origin: Origin | undefined): Owned | null =>
  origin?.managed ? (origin as Owned) : null;

export const useOrigin = (kind: Kind, key: string, enabled = true) =>
  useQuery({
    queryKey: ["origin", kind, key],
    enabled,
    queryFn: ({ signal }) =>
      call<Origin>("GET", "/gitops/origin", { signal, query: { kind, key } }),
  });

/** The branches that the repository of a binding has now; unknown where nobody may ask. */
export const useBranches = (binding: string) =>
  useQuery({
    queryKey: ["branches", binding],
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const { sourceId } = await call<Binding>("GET", `/gitops/bindings/${binding}`, { signal });
      const path = `/gitops/sources/${sourceId}/branches`;
      return (await call<{ branches: string[] }>("GET", path, { signal })).branches;
    },
  });

/** The binding that would own a new flow of a namespace; the narrowest of several. */
export function useHome(namespace: string, enabled: boolean) {
  return useQuery({
    queryKey: ["bindings", "home", namespace],
    enabled: enabled && namespace !== "",
    retry: false,
    queryFn: async ({ signal }): Promise<Owned | null> => {
      const { results } = await call<Page<Binding>>("GET", "/gitops/bindings", { signal });
      const fitting = results.filter((row) => isHome(row, namespace));
      fitting.sort((a, b) => b.namespace.length - a.namespace.length);
      const [found] = fitting;
      return found ? homeOf(found) : null;
    },
  });
}

function isHome({ namespace: top, policy, appliedSha, preview }: Binding, namespace: string) {
  const kinds = policy.kinds as string[] | undefined;
  const isWithin = top === "" || `${namespace}.`.startsWith(`${top}.`);
  return isWithin && !preview && appliedSha !== undefined && (kinds ?? ["FLOW"]).includes("FLOW");
}

const homeOf = ({ name, path, policy }: Binding): Owned => ({
  kind: "FLOW",
  key: "",
  managed: true,
  binding: name,
  ref: name,
  path,
  editMode: "OVERWRITE",
  directCommit: policy.directCommit === true,
});
