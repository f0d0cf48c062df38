/** A table whose rows the server counts, sorts and pages (rule 2). */

import { Button, Group } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { memo, type ReactNode, useCallback, useRef } from "react";
import type { Page } from "../api/types";
import { t } from "../i18n";
import { moved, useWidths } from "./column-choice";
import { Head, widthStyle } from "./column-head";
import { PageSize, sizeOf } from "./page-size";
import { pairs } from "./pairs";
import { Loaded } from "./panel";
import { useHabit } from "./preferences";
import { useRowKeys } from "./row-keys";
import { ScrollX } from "./scroll-x";
import { type Search, useUrl } from "./search";

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
  /** Under which name order and width of the columns are kept; without it they stay as given. */
  list?: string;
  /** Where the rows before and after are, instead of at the page before and after. */
  turns?: Turns;
};

/** What to change in the address; null where there is nothing that way. */
export type Turns = {
  newer: Search | null;
  older: Search | null;
  /** The total counts one side only, and is not shown. */
  isDeep: boolean;
};

export function DataTable<T>({ label, query, empty, turns, ...table }: Props<T>) {
  const total = query.data?.total;
  return (
    <section className="panel" aria-label={label}>
      <Loaded
        query={query}
        isEmpty={(page) => page.results.length === 0}
        empty={total ? <PastEnd total={total} /> : empty}
        rows={8}
      >
        {(page) => (
          <>
            <ScrollX label={label}>
              <Table label={label} rows={page.results} {...table} />
            </ScrollX>
            <Pager
              total={page.total}
              shown={page.results.length}
              isOld={query.isPlaceholderData}
              turns={turns}
            />
          </>
        )}
      </Loaded>
    </section>
  );
}

/** A page that a link asks for, but the list has no longer: the rows are elsewhere. */
function PastEnd({ total }: { total: number }) {
  const [, change] = useUrl();
  const first = { page: undefined, older: undefined, newer: undefined };
  return (
    <Group gap={12}>
      {t("table.past", { total })}
      <Button variant="default" onClick={() => change(first)}>
        {t("table.first")}
      </Button>
    </Group>
  );
}

type TableProps<T> = Omit<Props<T>, "query" | "empty" | "turns"> & { rows: T[] };

function Table<T>({ label, rows, columns, rowKey, selection, list }: TableProps<T>) {
  const latest = useRef(selection);
  latest.current = selection;
  // the same for all rows and renders, or every row is drawn anew
  const flip = useCallback((id: string) => {
    const next = new Set(latest.current?.chosen);
    if (!next.delete(id)) next.add(id);
    latest.current?.change(next);
  }, []);
  const table = useRef<HTMLTableElement>(null);
  useRowKeys(table);
  const { widths, set } = useWidths(list ?? "");
  const keep = useHabit("columns", list ?? "");
  const ids = columns.map(({ id }) => id);
  const drop = (from: string, onto: string) =>
    ids.includes(from) && keep(() => moved(ids, from, ids.indexOf(onto) - ids.indexOf(from)));
  return (
    <table className="data" ref={table} data-keys {...pairs(columns.length, Boolean(selection))}>
      <caption className="visually-hidden">{label}</caption>
      <thead>
        <tr>
          {selection && <SelectAll ids={rows.map(rowKey)} {...selection} />}
          {columns.map((column) => (
            <Head
              key={column.id}
              column={column}
              width={widths?.[column.id]}
              onWidth={list ? (width) => set(column.id, width) : undefined}
              onDropped={list ? (from) => drop(from, column.id) : undefined}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const id = rowKey(row);
          return (
            <TableRow
              key={id}
              id={id}
              row={row}
              columns={columns}
              widths={widths}
              isChosen={selection?.chosen.has(id)}
              onFlip={flip}
            />
          );
        })}
      </tbody>
    </table>
  );
}

function SelectAll({ ids, chosen, change }: { ids: string[] } & Selection) {
  const all = ids.every((id) => chosen.has(id));
  return (
    <th scope="col" className="choosing">
      <input
        type="checkbox"
        aria-label={t("table.selectAll")}
        checked={all}
        onChange={() => change(new Set(all ? [] : ids))}
      />
    </th>
  );
}

type RowProps<T> = {
  id: string;
  row: T;
  columns: Column<T>[];
  widths: Record<string, number> | undefined;
  /** Undefined where rows are not chosen. */
  isChosen: boolean | undefined;
  onFlip: (id: string) => void;
};

/** Drawn anew only when it changed: answers that are equal keep their rows. */
const TableRow = memo(function TableRow<T>(props: RowProps<T>) {
  const { id, row, columns, widths, isChosen, onFlip } = props;
  return (
    <tr tabIndex={-1}>
      {isChosen !== undefined && (
        <td className="choosing">
          <input
            type="checkbox"
            aria-label={t("table.select", { name: id })}
            checked={isChosen}
            onChange={() => onFlip(id)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.id} style={widthStyle(widths?.[column.id])}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}) as <T>(props: RowProps<T> & { key: string }) => ReactNode;

type PagerProps = {
  total: number;
  shown: number;
  /** The rows in view are still those of the page before. */
  isOld: boolean;
  turns?: Turns;
};

function Pager({ total, shown, isOld, turns }: PagerProps) {
  const [search, change] = useUrl();
  const asked = Number(search.page ?? "1");
  const inView = useRef(asked);
  if (!isOld) inView.current = asked;
  const page = inView.current;
  const from = (page - 1) * sizeOf(search) + 1;
  const { newer, older } = turns ?? {
    newer: page > 1 ? { page: String(page - 1) } : null,
    older: from + shown <= total ? { page: String(page + 1) } : null,
  };
  return (
    <Group className="panel-body" justify="space-between">
      <Group gap={8}>
        <span className="muted">
          {turns?.isDeep ? t("table.deep") : t("table.total", { total })}
        </span>
        <PageSize />
      </Group>
      <Group gap={8}>
        {!turns && (
          <span className="muted">{t("table.range", { from, to: from + shown - 1 })}</span>
        )}
        <Button variant="default" disabled={!newer} onClick={() => newer && change(newer)}>
          {t("table.newer")}
        </Button>
        <Button variant="default" disabled={!older} onClick={() => older && change(older)}>
          {t("table.older")}
        </Button>
      </Group>
    </Group>
  );
}
