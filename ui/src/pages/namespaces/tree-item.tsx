/** A row of the tree: dragged to move it, and a folder takes what is dropped on it. */

import { ChevronDown, ChevronRight, File, Folder } from "lucide-react";
import { type DragEvent, useState } from "react";
import { DRAGGED } from "./file-tree";
import { parentOf, type TreeRow } from "./tree-rows";

type Props = {
  row: TreeRow;
  id: string;
  /** Pixels from the top of the tree. */
  top: number;
  isActive: boolean;
  isChosen: boolean;
  onClick: () => void;
  onDrop: (event: DragEvent, folder: string) => void;
};

export function TreeItem({ row, id, top, isActive, isChosen, onClick, onDrop }: Props) {
  const [over, setOver] = useState(false);
  const folder = row.isFolder ? row.path : parentOf(row.path);
  const Arrow = row.isOpen ? ChevronDown : ChevronRight;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the focus and the keys
    // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-expanded={row.isFolder ? row.isOpen : undefined}
      aria-selected={isChosen}
      data-active={isActive || undefined}
      data-over={over || undefined}
      className="file-row"
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: 6 + row.depth * 16 }}
      draggable
      onClick={onClick}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, row.path)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        onDrop(event, folder);
      }}
    >
      {row.isFolder ? (
        <Arrow size={14} aria-hidden="true" />
      ) : (
        <span className="file-space" aria-hidden="true" />
      )}
      {row.isFolder ? (
        <Folder size={14} aria-hidden="true" />
      ) : (
        <File size={14} aria-hidden="true" />
      )}
      {row.name}
    </div>
  );
}
