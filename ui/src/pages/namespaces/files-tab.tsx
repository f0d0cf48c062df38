/** The files of a namespace: a tree that loads by folder, and an editor. */

import { Group } from "@mantine/core";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { FileEditor } from "./file-editor";
import { FileTree } from "./file-tree";
import "./files.css";
import { NewPath } from "./new-path";
import { Drop, UploadButton, useUploads } from "./uploads";

export function FilesTab({ namespace }: { namespace: string }) {
  const [search, change] = useUrl();
  const folder = (search.path ?? "/").replace(/[^/]*$/, "");
  const uploads = useUploads(namespace, folder);
  return (
    <>
      <Group gap={8}>
        <NewPath namespace={namespace} kind="file" />
        <NewPath namespace={namespace} kind="folder" />
        <UploadButton {...uploads} />
      </Group>
      <div className="files">
        <Panel title={t("namespace.files")}>
          <Drop {...uploads}>
            <FileTree
              namespace={namespace}
              chosen={search.path}
              onChoose={(path) => change({ path, change: undefined })}
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
