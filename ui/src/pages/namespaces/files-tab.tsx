/** The files of a namespace: a tree that loads by folder, and an editor. */

import { Button, Group, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addressOf, call } from "../../api/client";
import { Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { FileEditor } from "./file-editor";
import { FileTree } from "./file-tree";
import "./files.css";
import { FindFile } from "./find-file";
import { PathForm } from "./path-prompt";
import { Move, NewPath } from "./paths";
import { Drop, UploadButtons, useUploads } from "./uploads";

/** A ZIP of a folder, or of everything with the flows beside it. */
function Zip({ namespace, path }: { namespace: string; path?: string }) {
  return (
    <Button
      component="a"
      variant="default"
      href={addressOf(`/namespaces/${namespace}/files/export`, { path })}
      download
    >
      {path ? t("files.zipOf", { path }) : t("files.zip")}
    </Button>
  );
}

/** What is done to the folder that was opened last. */
function FolderActions({ namespace, path }: { namespace: string; path: string }) {
  const [, change] = useUrl();
  return (
    <>
      <Move key={path} namespace={namespace} path={path} kind="folder" />
      <RemoveButton
        path={`/namespaces/${namespace}/files`}
        query={{ path }}
        text={t("files.folderDelete", { path })}
        done={t("files.gone", { path })}
        stale={[["files", namespace]]}
        onDone={() => change({ folder: undefined, path: undefined })}
      />
    </>
  );
}

/** Moves a file or a folder; what is open moves along. */
function useMove(namespace: string) {
  const [search, change] = useUrl();
  const client = useQueryClient();
  const along = (path: string | undefined, from: string, to: string) =>
    path === from || path?.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
  const move = async (from: string, to: string) => {
    await call("PUT", `/namespaces/${namespace}/files`, { query: { from, to } });
    change({ path: along(search.path, from, to), folder: along(search.folder, from, to) });
    await client.invalidateQueries({ queryKey: ["files", namespace] });
    return to;
  };
  const act = useAct({
    act: ({ from, to }: { from: string; to: string }) => move(from, to),
    done: (path) => t("files.moved", { path }),
  });
  return { move, drag: (from: string, to: string) => act.mutate({ from, to }) };
}

export function FilesTab({ namespace }: { namespace: string }) {
  const [search, change] = useUrl();
  const [renaming, setRenaming] = useState<string | null>(null);
  const folder = search.folder ? `${search.folder}/` : (search.path ?? "/").replace(/[^/]*$/, "");
  const uploads = useUploads(namespace, folder);
  const { move, drag } = useMove(namespace);
  const choose = (path: string) => change({ path, folder: undefined, change: undefined });
  return (
    <>
      <Group gap={8}>
        <NewPath namespace={namespace} kind="file" folder={folder} />
        <NewPath namespace={namespace} kind="folder" folder={folder} />
        <UploadButtons {...uploads} />
        <Zip namespace={namespace} path={search.folder} />
        {search.folder && <FolderActions namespace={namespace} path={search.folder} />}
      </Group>
      <div className="files">
        <Panel title={t("namespace.files")}>
          <FindFile namespace={namespace} onChoose={choose} />
          <Drop {...uploads}>
            <FileTree
              namespace={namespace}
              chosen={search.path}
              folder={search.folder}
              onChoose={choose}
              onFolder={(path) => change({ folder: path })}
              onMove={drag}
              onRename={setRenaming}
            />
          </Drop>
        </Panel>
        {search.path ? (
          <FileEditor key={search.path} namespace={namespace} path={search.path} />
        ) : (
          <Panel>
            <p className="panel-body muted">{t("files.choose")}</p>
            <p className="panel-body muted">{t("files.keys")}</p>
          </Panel>
        )}
      </div>
      <Modal
        opened={renaming !== null}
        onClose={() => setRenaming(null)}
        title={t("files.moveOf", { path: renaming ?? "" })}
      >
        {renaming !== null && (
          <PathForm
            words={{ label: t("files.newPath"), submit: t("files.moveDo") }}
            namespace={namespace}
            start={renaming}
            act={(to) => move(renaming, to)}
            done={(path) => {
              setRenaming(null);
              return t("files.moved", { path });
            }}
          />
        )}
      </Modal>
    </>
  );
}
