/** The head of a column: sorts; where the list keeps habits, it is dragged to its place and width. */

import { ArrowDown, ArrowUp } from "lucide-react";
import { type DragEvent, type PointerEvent, type ReactNode, useState } from "react";
import { LEAST_WIDTH } from "./column-choice";
import type { Column } from "./data-table";
import { useUrl } from "./search";

const MOVED = "application/x-trunkline-column";

const CUT = { overflow: "hidden", textOverflow: "ellipsis" };

export const widthStyle = (width: number | undefined) =>
  width === undefined ? undefined : { ...CUT, width, minWidth: width, maxWidth: width };

type Props<T> = {
  column: Column<T>;
  width?: number;
  /** Undefined ends a drag without a width: the column fits its content again. */
  onWidth?: (width: number | undefined) => void;
  /** Another column was dropped on this one. */
  onDropped?: (id: string) => void;
};

export function Head<T>({ column, width, onWidth, onDropped }: Props<T>) {
  const [search] = useUrl();
  const [dragged, setDragged] = useState<number>();
  const [field, direction] = (search.sort ?? "").split(":");
  const sorted = column.sort && field === column.sort ? direction : undefined;
  const accepts = (event: DragEvent) => {
    if (event.dataTransfer.types.includes(MOVED)) event.preventDefault();
  };
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : undefined}
      style={widthStyle(dragged ?? width)}
      draggable={onDropped !== undefined && dragged === undefined}
      onDragStart={(event) => event.dataTransfer.setData(MOVED, column.id)}
      onDragOver={onDropped && accepts}
      onDrop={onDropped && ((event) => onDropped(event.dataTransfer.getData(MOVED)))}
    >
      {column.sort ? <Sort by={column.sort} title={column.title} sorted={sorted} /> : column.title}
      {onWidth && (
        <Edge
          onDrag={setDragged}
          onEnd={(ended) => {
            setDragged(undefined);
            onWidth(ended);
          }}
        />
      )}
    </th>
  );
}

type SortProps = { by: string; title: ReactNode; sorted: string | undefined };

function Sort({ by, title, sorted }: SortProps) {
  const [, change] = useUrl();
  const next = `${by}:${sorted === "asc" ? "desc" : "asc"}`;
  const Arrow = sorted === "desc" ? ArrowDown : ArrowUp;
  return (
    <button type="button" className="plain" onClick={() => change({ sort: next, page: undefined })}>
      {title} {sorted && <Arrow size={12} aria-hidden="true" />}
    </button>
  );
}

type EdgeProps = { onDrag: (width: number) => void; onEnd: (width: number | undefined) => void };

/** For the mouse; whoever uses keys finds buttons for the same behind "Columns". */
function Edge({ onDrag, onEnd }: EdgeProps) {
  const widthAt = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!box) return LEAST_WIDTH;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const width = isRtl ? box.right - event.clientX : event.clientX - box.left;
    return Math.max(LEAST_WIDTH, Math.round(width));
  };
  const holds = (event: PointerEvent<HTMLElement>) =>
    event.currentTarget.hasPointerCapture(event.pointerId);
  return (
    <span
      aria-hidden="true"
      className="column-edge"
      onDoubleClick={() => onEnd(undefined)}
      onPointerDown={(event) => {
        event.preventDefault(); // else the head is dragged to another place
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => holds(event) && onDrag(widthAt(event))}
      onPointerUp={(event) => event.detail < 2 && holds(event) && onEnd(widthAt(event))}
    />
  );
}
