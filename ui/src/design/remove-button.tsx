/** Deletes one thing of a list, after a question that names it. */

import { Button } from "@mantine/core";
import { call, type Query } from "../api/client";
import { t } from "../i18n";
import { Confirm } from "./confirm";
import { useAct } from "./receipt";

type Props = {
  path: string;
  query?: Query;
  /** What the question says, and the receipt. */
  text: string;
  done: string;
  stale: readonly unknown[][];
  onDone?: () => void;
  size?: "compact-xs";
};

export function RemoveButton({ path, query, text, done, stale, onDone, size }: Props) {
  const remove = useAct({
    act: () => call("DELETE", path, { query }),
    done: () => {
      onDone?.();
      return done;
    },
    stale,
  });
  return (
    <Confirm
      title={t("files.delete")}
      text={text}
      action={t("files.delete")}
      loading={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      {(open) => (
        <Button size={size} variant="default" loading={remove.isPending} onClick={open}>
          {t("files.delete")}
        </Button>
      )}
    </Confirm>
  );
}
