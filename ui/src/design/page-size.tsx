/** How many rows a page has, as the address says it. */

import { NativeSelect } from "@mantine/core";
import { t } from "../i18n";
import { type Search, useUrl } from "./search";

export const PAGE_SIZE = 50;
const SIZES = [25, 50, 100, 200];

/** One of the sizes that are offered, whatever a link asks for. */
export function sizeOf(search: Search): number {
  return SIZES.find((size) => String(size) === search.size) ?? PAGE_SIZE;
}

export function PageSize() {
  const [search, change] = useUrl();
  return (
    <NativeSelect
      size="xs"
      aria-label={t("table.size")}
      data={SIZES.map(String)}
      value={String(sizeOf(search))}
      onChange={({ currentTarget: { value } }) => {
        const size = value === String(PAGE_SIZE) ? undefined : value;
        change({ size, page: undefined, older: undefined, newer: undefined });
      }}
    />
  );
}
