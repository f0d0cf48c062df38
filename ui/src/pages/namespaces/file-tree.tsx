/** Folders and files: only rows in view are drawn; keys move, open, and find by letters. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import { Failure, Loading } from "../../design/panel";
import { t } from "../../i18n";
import { TreeItem } from "./tree-item";
import { intentOf, movedInto, movedTo, type TreeRow, typedTo } from "./tree-rows";
import { useTree } from "./use-tree";

const ROW_PX = 26;
const LETTERS_MS = 700;
/** What is dragged within the tree: a path of it, no file from outside. */
export const DRAGGED = "application/x-trunkline-path";

type Props = {
  namespace: string;
  chosen?: string;
  /** The folder that was opened last. */
  folder?: string;
  onChoose: (path: string) => void;
  /** Called with the folder that was opened; undefined once it is closed. */
  onFolder: (path: string | undefined) => void;
  onMove: (from: string, to: string) => void;
  /** Asks for a new path of this one. */
  onRename: (path: string) => void;
};

export function FileTree(props: Props) {
  const { namespace, chosen, folder, onMove } = props;
  const { root, rows, turn } = useTree(namespace, chosen ?? folder);
  const place = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, rows.length - 1));
  const window = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const go = (index: number) => {
    setActive(index);
    window.scrollToIndex(index);
  };
  const act = (row: TreeRow) => {
    if (!row.isFolder) return props.onChoose(row.path);
    turn(row.path, !row.isOpen);
    props.onFolder(row.isOpen ? undefined : row.path);
  };
  const onKeyDown = useKeys({ rows, at, go, act, onRename: props.onRename });
  const drop = (event: DragEvent, into: string) => {
    const from = event.dataTransfer.getData(DRAGGED);
    if (!from) return; // files from outside: the panel around takes them
    event.preventDefault();
    event.stopPropagation();
    const to = movedInto(from, into);
    if (to) onMove(from, to);
  };
  if (root?.error) return <Failure error={root.error} retry={() => root.refetch()} />;
  if (!root?.data) return <Loading />;
  if (rows.length === 0) return <p className="panel-body muted">{t("files.empty")}</p>;
  return (
    <div
      ref={place}
      className="file-tree"
      role="tree"
      tabIndex={0}
      aria-label={t("namespace.files")}
      aria-activedescendant={`file-${at}`}
      onKeyDown={onKeyDown}
      onDrop={(event) => drop(event, "/")}
    >
      <div role="presentation" style={{ height: window.getTotalSize(), position: "relative" }}>
        {window.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <TreeItem
              key={row.path}
              row={row}
              id={`file-${index}`}
              top={start}
              isActive={index === at}
              isChosen={row.path === chosen || row.path === folder}
              onClick={() => {
                setActive(index);
                act(row);
              }}
              onDrop={drop}
            />
          );
        })}
      </div>
    </div>
  );
}

type Keys = {
  rows: TreeRow[];
  at: number;
  go: (index: number) => void;
  act: (row: TreeRow) => void;
  onRename: (path: string) => void;
};

/** What keys do: move, open and close, choose, rename, and find by letters typed in a row. */
function useKeys({ rows, at, go, act, onRename }: Keys) {
  const typed = useRef({ text: "", until: 0 });
  const find = (event: KeyboardEvent) => {
    const isNew = event.timeStamp > typed.current.until;
    const text = isNew ? event.key : typed.current.text + event.key;
    typed.current = { text, until: event.timeStamp + LETTERS_MS };
    go(typedTo(rows, at, text));
  };
  return (event: KeyboardEvent) => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const intent = intentOf(row, event.key);
    if (intent === null) return;
    if (intent === "act") act(row);
    if (intent === "rename") onRename(row.path);
    if (intent === "letter") find(event);
    if (intent === "move") go(movedTo(rows, at, event.key));
    event.preventDefault();
    event.stopPropagation(); // letters are keys of the page as well
  };
}
