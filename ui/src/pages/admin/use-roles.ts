/** The roles that there are, for lists to choose from. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Role } from "../../api/types-more";

const MOST = 500;

export const useRoles = () =>
  useQuery({
    queryKey: ["roles", "all"],
    queryFn: ({ signal }) =>
      call<Page<Role>>("GET", "/roles/search", { signal, query: { size: MOST } }),
  });

/** As choices of a select: the id counts, the name is shown. */
export function useRoleChoices(): { value: string; label: string }[] {
  return useRoles().data?.results.map(({ id, name }) => ({ value: id, label: name })) ?? [];
}
