/** A tree of folders and files; a folder's content is fetched when it is opened. */

import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, File, Folder } from "lucide-react";
import { useState } from "react";
import { call } from "../../api/client";
import type { FileEntry } from "../../api/types-more";
import { Loaded } from "../../design/panel";
import { t } from "../../i18n";

type Props = {
  namespace: string;
  chosen?: string;
  onChoose: (path: string) => void;
  /** Called with the folder that was opened; undefined once it is closed. */
  onFolder: (path: string | undefined) => void;
};

export function FileTree(props: Props) {
  return (
    <div className="file-tree">
      <Level {...props} folder="/" />
    </div>
  );
}

const inOrder = (entries: FileEntry[]) =>
  [...entries].sort((a, b) => a.type.localeCompare(b.type) || a.fileName.localeCompare(b.fileName));

function Level({ folder, ...props }: Props & { folder: string }) {
  const { namespace } = props;
  const query = useQuery({
    queryKey: ["files", namespace, folder],
    queryFn: ({ signal }) =>
      call<FileEntry[]>("GET", `/namespaces/${namespace}/files/directory`, {
        signal,
        query: { path: folder },
      }),
  });
  return (
    <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("files.empty")}>
      {(rows) => (
        <ul>
          {inOrder(rows).map((entry) => {
            const path = `${folder}${entry.fileName}`;
            const isFolder = entry.type === "Directory";
            return (
              <li key={path}>
                {isFolder ? <Branch {...props} path={path} /> : <Leaf {...props} path={path} />}
              </li>
            );
          })}
        </ul>
      )}
    </Loaded>
  );
}

const nameOf = (path: string) => path.split("/").at(-1);

function Branch({ path, ...props }: Props & { path: string }) {
  const [open, setOpen] = useState(props.chosen?.startsWith(`${path}/`) ?? false);
  const Arrow = open ? ChevronDown : ChevronRight;
  const turn = () => {
    setOpen(!open);
    props.onFolder(open ? undefined : path);
  };
  return (
    <>
      <button type="button" className="plain" aria-expanded={open} onClick={turn}>
        <Arrow size={14} aria-hidden="true" />
        <Folder size={14} aria-hidden="true" />
        {nameOf(path)}
      </button>
      {open && <Level {...props} folder={`${path}/`} />}
    </>
  );
}

function Leaf({ path, chosen, onChoose }: Props & { path: string }) {
  return (
    <button
      type="button"
      className="plain"
      aria-current={chosen === path || undefined}
      onClick={() => onChoose(path)}
    >
      <File size={14} aria-hidden="true" />
      {nameOf(path)}
    </button>
  );
}
