/** Which columns of a list are shown, in which order, how wide: habits kept with the server. */

import { ActionIcon, Button, Group, Popover, Stack } from "@mantine/core";
import { ArrowDown, ArrowUp, Columns3, Minus, Plus } from "lucide-react";
import { useMemo } from "react";
import { t } from "../i18n";
import type { Column } from "./data-table";
import { useHabit, usePreferences } from "./preferences";

export const LEAST_WIDTH = 48;
const MOST_WIDTH = 1_200;
const USUAL_WIDTH = 160;
const STEP = 24;

const within = (width: number) => Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));

/** The columns that the person wants to see, in their order; `usual` where they never said. */
export function useColumns<T>(list: string, all: Column<T>[], usual?: readonly string[]) {
  const kept = usePreferences().columns?.[list];
  return useMemo(() => {
    const wanted = kept ?? usual ?? all.map(({ id }) => id);
    return wanted.flatMap((id) => all.find((column) => column.id === id) ?? []);
  }, [kept, all, usual]);
}

/** The widths of a list's columns, and how one of them is set; undefined makes it fit again. */
export function useWidths(list: string) {
  const widths = usePreferences().widths?.[list];
  const keep = useHabit("widths", list);
  const set = (id: string, width: number | undefined) =>
    keep((old) => {
      const { [id]: _, ...others } = old ?? {};
      return width === undefined ? others : { ...others, [id]: within(width) };
    });
  return { widths, set };
}

/** The ids with one of them `by` places further. */
export function moved(ids: readonly string[], id: string, by: number): string[] {
  const from = ids.indexOf(id);
  const to = Math.min(ids.length - 1, Math.max(0, from + by));
  const others = ids.filter((one) => one !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
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
  const keep = useHabit("columns", list);
  const keepWidths = useHabit("widths", list);
  const ids = shown.map(({ id }) => id);
  const hidden = all.filter(({ id }) => !ids.includes(id));
  const flip = (id: string) => {
    const next = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
    if (next.length > 0) keep(() => next);
  };
  const reset = () => {
    keep(() => undefined);
    keepWidths(() => undefined);
  };
  return (
    <Stack gap={4}>
      {[...shown, ...hidden].map((column) => (
        <Group key={column.id} gap={2} wrap="nowrap" justify="space-between">
          <label className="choice">
            <input
              type="checkbox"
              checked={ids.includes(column.id)}
              onChange={() => flip(column.id)}
            />
            {column.title || column.id}
          </label>
          {ids.includes(column.id) && (
            <Place
              list={list}
              column={column}
              onMove={(by) => keep(() => moved(ids, column.id, by))}
            />
          )}
        </Group>
      ))}
      <Button variant="subtle" onClick={reset}>
        {t("columns.usual")}
      </Button>
    </Stack>
  );
}

type PlaceProps<T> = { list: string; column: Column<T>; onMove: (by: number) => void };

/** What the mouse does at the head of a table, as buttons. */
function Place<T>({ list, column, onMove }: PlaceProps<T>) {
  const { widths, set } = useWidths(list);
  const name = column.title || column.id;
  const width = widths?.[column.id] ?? USUAL_WIDTH;
  return (
    <Group gap={0} wrap="nowrap">
      <ActionIcon aria-label={t("columns.before", { name })} onClick={() => onMove(-1)}>
        <ArrowUp size={14} />
      </ActionIcon>
      <ActionIcon aria-label={t("columns.after", { name })} onClick={() => onMove(1)}>
        <ArrowDown size={14} />
      </ActionIcon>
      <ActionIcon
        aria-label={t("columns.narrower", { name })}
        onClick={() => set(column.id, width - STEP)}
      >
        <Minus size={14} />
      </ActionIcon>
      <ActionIcon
        aria-label={t("columns.wider", { name })}
        onClick={() => set(column.id, width + STEP)}
      >
        <Plus size={14} />
      </ActionIcon>
    </Group>
  );
}
