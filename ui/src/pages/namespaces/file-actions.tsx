/** What is done to a file beside its text: download, move, earlier versions, delete. */

import { Button } from "@mantine/core";
import { addressOf, call } from "../../api/client";
import { Confirm } from "../../design/confirm";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { MoveFile } from "./move-file";
import { Versions } from "./versions";

type Props = { namespace: string; path: string; isLocked: boolean };

/** A locked file is Git's: it can be read and downloaded only. */
export function FileActions({ namespace, path, isLocked }: Props) {
  const [, change] = useUrl();
  const remove = useAct({
    act: () => call("DELETE", `/namespaces/${namespace}/files`, { query: { path } }),
    done: () => {
      change({ path: undefined });
      return t("files.gone", { path });
    },
    stale: [["files", namespace]],
  });
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
      {!isLocked && <MoveFile namespace={namespace} path={path} />}
      {!isLocked && (
        <Confirm
          title={t("files.delete")}
          text={t("files.deleteText", { path })}
          action={t("files.delete")}
          loading={remove.isPending}
          onConfirm={() => remove.mutate()}
        >
          {(open) => (
            <Button variant="default" onClick={open}>
              {t("files.delete")}
            </Button>
          )}
        </Confirm>
      )}
    </>
  );
}
