/** A file that is no text, or too large for one: looked at where it is a picture, and replaced. */

import { Alert, Button, FileButton, Group } from "@mantine/core";
import type { Owned } from "../../changes/origin";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { FileActions } from "./file-actions";
import { sizeText } from "./file-content";
import type { Content } from "./file-editor";
import { store } from "./store";

type Props = { namespace: string; path: string; content: Content; origin: Owned | null };

export function BinaryFile({ namespace, path, content, origin }: Props) {
  const isLocked = origin?.editMode === "LOCKED";
  const replace = useAct({
    act: (file: File) => store(namespace, path, file),
    done: () => t("files.saved", { path }),
    stale: [
      ["file", namespace, path],
      ["files", namespace],
    ],
  });
  return (
    <>
      {origin && (
        <Alert color="ink" title={t("origin.from", { binding: origin.binding })}>
          {origin.ref}, <code>{origin.path}</code>
        </Alert>
      )}
      <p className="panel-body muted">
        {content.image ? sizeText(content.size) : t("files.binary")}
      </p>
      {content.image && (
        <div className="panel-body">
          <img className="file-image" src={content.image} alt={path} />
        </div>
      )}
      <Group className="panel-body" gap={8}>
        {!isLocked && (
          <FileButton onChange={(file) => file && replace.mutate(file)}>
            {(props) => (
              <Button {...props} loading={replace.isPending}>
                {t("files.replace")}
              </Button>
            )}
          </FileButton>
        )}
        <FileActions namespace={namespace} path={path} isLocked={isLocked} />
      </Group>
    </>
  );
}
