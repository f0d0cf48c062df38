/** What is done to a file beside its text: download, move, earlier versions, delete. */

import { Button } from "@mantine/core";
import { addressOf } from "../../api/client";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { Move } from "./paths";
import { Versions } from "./versions";

type Props = { namespace: string; path: string; isLocked: boolean };

/** A locked file is Git's: it can be read and downloaded only. */
export function FileActions({ namespace, path, isLocked }: Props) {
  const [, change] = useUrl();
  return (
    <>
      <Button
        component="a"
        variant="default"
        href={addressOf(`/namespaces/${namespace}/files`, { path })}
        download={path.split("/").at(-1)}
      >
        {t("logs.download")}
      </Button>
      <Versions namespace={namespace} path={path} isLocked={isLocked} />
      {!isLocked && <Move namespace={namespace} path={path} kind="file" />}
      {!isLocked && (
        <RemoveButton
          path={`/namespaces/${namespace}/files`}
          query={{ path }}
          text={t("files.deleteText", { path })}
          done={t("files.gone", { path })}
          stale={[["files", namespace]]}
          onDone={() => change({ path: undefined })}
        />
      )}
    </>
  );
}
