/** Chooses an account or a group; the server finds it by a part of its name. */

import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Account, AccountGroup } from "../../api/types-more";
import { t } from "../../i18n";

export type SubjectType = "USER" | "GROUP";
type Props = { type: SubjectType; value: string | null; onChange: (id: string | null) => void };

const SHOWN = 50;
const PATHS = { USER: ["/users", "/service-accounts"], GROUP: ["/groups/search"] };

export function SubjectSelect({ type, value, onChange }: Props) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text, 200);
  const query = useQuery<{ id: string; name: string }[]>({
    queryKey: ["subjects", type, q],
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(
        PATHS[type].map((path) =>
          call<Page<Account | AccountGroup>>("GET", path, { signal, query: { q, size: SHOWN } }),
        ),
      );
      return pages.flatMap(({ results }) => results.map(({ id, name }) => ({ id, name })));
    },
  });
  return (
    <Select
      label={t(type === "USER" ? "admin.account" : "admin.group")}
      required
      searchable
      data={query.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      value={value}
      onChange={onChange}
      onSearchChange={setText}
      nothingFoundMessage={t("admin.empty")}
    />
  );
}
