/** A table whose rows the server counts, sorts and pages (rule 2). */

import { Button, Checkbox, Group } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Page } from "../api/types";
import { t } from "../i18n";
import { Loaded } from "./panel";
import { ScrollX } from "./scroll-x";
import { useUrl } from "./search";

export const PAGE_SIZE = 50;

export type Column<T> = {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The server's name of the field, where it can sort by it. */
  sort?: string;
};

type Selection = { chosen: ReadonlySet<string>; change: (chosen: ReadonlySet<string>) => void };

type Props<T> = {
  label: string;
  query: UseQueryResult<Page<T>>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  empty: ReactNode;
  selection?: Selection;
};

export function DataTable<T>({ label, query, columns, rowKey, empty, selection }: Props<T>) {
  return (
    <section className="panel" aria-label={label}>
      <Loaded query={query} isEmpty={(page) => page.results.length === 0} empty={empty} rows={8}>
        {(page) => (
          <>
            <ScrollX label={label}>
              <table className="data">
                <caption className="visually-hidden">{label}</caption>
                <thead>
                  <tr>
                    {selection && <SelectAll ids={page.results.map(rowKey)} {...selection} />}
                    {columns.map((column) => (
                      <Head key={column.id} column={column} />
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {page.results.map((row) => (
                    <tr key={rowKey(row)}>
                      {selection && <SelectOne id={rowKey(row)} {...selection} />}
                      {columns.map((column) => (
                        <td key={column.id}>{column.cell(row)}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollX>
            <Pager total={page.total} shown={page.results.length} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Head<T>({ column }: { column: Column<T> }) {
  const [search, change] = useUrl();
  if (!column.sort) return <th scope="col">{column.title}</th>;
  const [field, direction] = (search.sort ?? "").split(":");
  const sorted = field === column.sort ? direction : undefined;
  const next = `${column.sort}:${sorted === "asc" ? "desc" : "asc"}`;
  const Arrow = sorted === "desc" ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : undefined}
    >
      <button
        type="button"
        className="plain"
        onClick={() => change({ sort: next, page: undefined })}
      >
        {column.title} {sorted && <Arrow size={12} aria-hidden="true" />}
      </button>
    </th>
  );
}

function SelectAll({ ids, chosen, change }: { ids: string[] } & Selection) {
  const all = ids.every((id) => chosen.has(id));
  return (
    <th scope="col">
      <Checkbox
        aria-label={t("table.selectAll")}
        checked={all}
        onChange={() => change(new Set(all ? [] : ids))}
      />
    </th>
  );
}

function SelectOne({ id, chosen, change }: { id: string } & Selection) {
  const flip = () => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    change(next);
  };
  return (
    <td>
      <Checkbox
        aria-label={t("table.select", { name: id })}
        checked={chosen.has(id)}
        onChange={flip}
      />
    </td>
  );
}

function Pager({ total, shown }: { total: number; shown: number }) {
  const [search, change] = useUrl();
  const page = Number(search.page ?? "1");
  const from = (page - 1) * PAGE_SIZE + 1;
  return (
    <Group className="panel-body" justify="space-between">
      <span className="muted">{t("table.total", { total })}</span>
      <Group gap={8}>
        <span className="muted">{t("table.range", { from, to: from + shown - 1 })}</span>
        <Button
          variant="default"
          disabled={page <= 1}
          onClick={() => change({ page: String(page - 1) })}
        >
          {t("table.newer")}
        </Button>
        <Button
          variant="default"
          disabled={from + shown > total}
          onClick={() => change({ page: String(page + 1) })}
        >
          {t("table.older")}
        </Button>
      </Group>
    </Group>
  );
}
