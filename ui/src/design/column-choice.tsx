/** Which columns of a list are shown: a habit that is kept with the server. */

import { Button, Popover, Stack } from "@mantine/core";
import { Columns3 } from "lucide-react";
import { useMemo, useState } from "react";
import { t } from "../i18n";
import type { Column } from "./data-table";
import { useKeep, usePreferences } from "./preferences";

/** The columns that the person wants to see, in the order of `all`; `usual` where they never said. */
export function useColumns<T>(list: string, all: Column<T>[], usual: readonly string[]) {
  const kept = usePreferences().columns?.[list];
  return useMemo(() => {
    const wanted = new Set(kept ?? usual);
    return all.filter(({ id }) => wanted.has(id));
  }, [kept, all, usual]);
}

type Props<T> = { list: string; all: Column<T>[]; shown: Column<T>[] };

export function ColumnChoice<T>(props: Props<T>) {
  return (
    <Popover trapFocus position="bottom-end">
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={14} aria-hidden="true" />}>
          {t("columns.title")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("columns.title")}>
        <Choices {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices<T>({ list, all, shown }: Props<T>) {
  const keep = useKeep("columns", list, t("columns.kept"));
  const [ids, setIds] = useState(() => shown.map(({ id }) => id));
  const flip = (id: string) => {
    const next = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
    if (next.length === 0) return;
    setIds(next);
    keep.mutate(() => next);
  };
  return (
    <Stack gap={4}>
      {all.map(({ id, title }) => (
        <label key={id} className="choice">
          <input type="checkbox" checked={ids.includes(id)} onChange={() => flip(id)} />
          {title}
        </label>
      ))}
    </Stack>
  );
}
