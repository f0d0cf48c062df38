/** The files of a namespace: a tree that loads by folder, and an editor. */

import { Button, FileButton, Group } from "@mantine/core";
import { Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { FileEditor } from "./file-editor";
import { FileTree } from "./file-tree";
import "./files.css";
import { NewPath } from "./new-path";
import { store } from "./store";

export function FilesTab({ namespace }: { namespace: string }) {
  const [search, change] = useUrl();
  const upload = useAct({
    act: async (files: File[]) => {
      for (const file of files) await store(namespace, `/${file.name}`, file, file.name);
      return files.length;
    },
    done: (count) => t("files.uploaded", { count }),
    stale: [["files", namespace]],
  });
  return (
    <>
      <Group gap={8}>
        <NewPath namespace={namespace} kind="file" />
        <NewPath namespace={namespace} kind="folder" />
        <FileButton multiple onChange={(files) => files.length && upload.mutate(files)}>
          {(props) => (
            <Button variant="default" loading={upload.isPending} {...props}>
              {t("files.upload")}
            </Button>
          )}
        </FileButton>
      </Group>
      <div className="files">
        <Panel title={t("namespace.files")}>
          <FileTree
            namespace={namespace}
            chosen={search.path}
            onChoose={(path) => change({ path })}
          />
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
