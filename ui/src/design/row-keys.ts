/** `j` and `k` go from row to row, `x` selects, Enter opens; in the table that has the focus, else the first. */

import { type RefObject, useEffect } from "react";
import { isTyping, lettersAct } from "./keys";

const rowsOf = (table: Element) => [...table.querySelectorAll<HTMLElement>("tbody > tr")];

/** What opens a row: its first link that is not a mere sign. */
const linkOf = (row: Element) => row.querySelector<HTMLElement>("td a:not(.quiet)");

function isMine(table: Element): boolean {
  const focused = document.activeElement?.closest("table.data");
  return (focused ?? document.querySelector("main table.data[data-keys]")) === table;
}

function step(rows: HTMLElement[], by: number): void {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function act(table: Element, key: string): boolean {
  const rows = rowsOf(table);
  const row = rows.find((one) => one.contains(document.activeElement));
  if (key === "j" || key === "k") step(rows, key === "j" ? 1 : -1);
  else if (key === "x" && row) row.querySelector<HTMLElement>("input[type=checkbox]")?.click();
  else if (key === "Enter" && row && row === document.activeElement) linkOf(row)?.click();
  else return false;
  return true;
}

export function useRowKeys(table: RefObject<HTMLTableElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key } = event;
      if (!table.current || isTyping(event) || event.shiftKey) return;
      if (key !== "Enter" && !lettersAct()) return;
      if (isMine(table.current) && act(table.current, key)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [table]);
}
