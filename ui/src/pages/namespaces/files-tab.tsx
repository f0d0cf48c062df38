/** The files of a namespace: a tree that loads by folder, and an editor. */

import { Group } from "@mantine/core";
import { Panel } from "../../design/panel";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { FileEditor } from "./file-editor";
import { FileTree } from "./file-tree";
import "./files.css";
import { Move, NewPath } from "./paths";
import { Drop, UploadButton, useUploads } from "./uploads";

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

export function FilesTab({ namespace }: { namespace: string }) {
  const [search, change] = useUrl();
  const folder = search.folder ? `${search.folder}/` : (search.path ?? "/").replace(/[^/]*$/, "");
  const uploads = useUploads(namespace, folder);
  return (
    <>
      <Group gap={8}>
        <NewPath namespace={namespace} kind="file" folder={folder} />
        <NewPath namespace={namespace} kind="folder" folder={folder} />
        <UploadButton {...uploads} />
        {search.folder && <FolderActions namespace={namespace} path={search.folder} />}
      </Group>
      <div className="files">
        <Panel title={t("namespace.files")}>
          <Drop {...uploads}>
            <FileTree
              namespace={namespace}
              chosen={search.path}
              onChoose={(path) => change({ path, folder: undefined, change: undefined })}
              onFolder={(path) => change({ folder: path })}
            />
          </Drop>
        </Panel>
        {search.path ? (
          <FileEditor key={search.path} namespace={namespace} path={search.path} />
        ) : (
          <Panel>
            <p className="panel-body muted">{t("files.choose")}</p>
          </Panel>
        )}
      </div>
    </>
  );
}
