/** Where a flow or a file comes from, and what may be done to it here. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";

export type Kind = "FLOW" | "FILE";
export type Origin = {
  kind: Kind;
  key: string;
  managed: boolean;
  binding?: string;
  url?: string;
  ref?: string;
  path?: string;
  commit?: string;
  author?: string;
  subject?: string;
  state?: string;
  editMode?: "LOCKED" | "OVERWRITE" | "BLOCK";
  directCommit?: boolean;
  webUrl?: string;
};
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
