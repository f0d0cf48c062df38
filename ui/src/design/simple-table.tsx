/** A short table that is there whole: no pages, no sorting. */

import type { ReactNode } from "react";
import { pairs } from "./pairs";
import { ScrollX } from "./scroll-x";

type Props<T> = {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: { id: string; title: string; cell: (row: T) => ReactNode }[];
};

export function SimpleTable<T>({ label, rows, rowKey, columns }: Props<T>) {
  return (
    <ScrollX label={label}>
      <table className="data" {...pairs(columns.length)}>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col">
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.id}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}
