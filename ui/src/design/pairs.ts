/** The look of tables; in narrow windows two columns stand one above the other. */

import "./table.css";

/** Fewer columns fit as they are. */
const MOST_IN_LINE = 3;

/** The attributes of a table for that: of `count` columns, and one before them where rows are chosen. */
export function pairs(count: number, isChosen = false) {
  if (count <= MOST_IN_LINE) return {};
  const style = { "--pairs": Math.ceil(count / 2) + Number(isChosen) } as React.CSSProperties;
  return { "data-pairs": true, style };
}
