/** New files and folders, and other paths for those that are there. */

import { call } from "../../api/client";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { PathPrompt } from "./path-prompt";
import { store } from "./store";

type New = { namespace: string; kind: "file" | "folder"; folder: string };

/** Makes a file or a folder, by itself in the folder that is in view. */
export function NewPath({ namespace, kind, folder }: New) {
  const [, change] = useUrl();
  const make = (path: string) =>
    kind === "file"
      ? store(namespace, path, new Blob([""]))
      : call("POST", `/namespaces/${namespace}/files/directory`, { query: { path } });
  return (
    <PathPrompt
      words={{
        open: kind === "file" ? t("files.newFile") : t("files.newFolder"),
        label: t("files.path"),
        submit: t("files.make"),
      }}
      namespace={namespace}
      start={folder}
      act={make}
      done={(path) => {
        if (kind === "file") change({ path });
        return t("files.made", { path });
      }}
    />
  );
}

type Moved = { namespace: string; path: string; kind: "file" | "folder" };

/** Gives a file another path, or a folder with all that is in it. */
export function Move({ namespace, path, kind }: Moved) {
  const [search, change] = useUrl();
  const follow = (to: string) => {
    if (kind === "file") return change({ path: to });
    const open = search.path;
    const isInside = open?.startsWith(`${path}/`);
    change({ folder: to, path: open && isInside ? to + open.slice(path.length) : open });
  };
  return (
    <PathPrompt
      words={{
        open: kind === "file" ? t("files.move") : t("files.folderMove", { path }),
        label: t("files.newPath"),
        submit: t("files.moveDo"),
      }}
      namespace={namespace}
      start={path}
      act={(to) => call("PUT", `/namespaces/${namespace}/files`, { query: { from: path, to } })}
      done={(to) => {
        follow(to);
        return t("files.moved", { path: to });
      }}
    />
  );
}
