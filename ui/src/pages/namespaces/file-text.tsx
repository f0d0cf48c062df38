/** The text of a file: saved here, or proposed to Git where Git owns it. */

import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import type { Owned } from "../../changes/origin";
import { OriginBanner } from "../../changes/origin-banner";
import { ProposeDialog } from "../../changes/propose-dialog";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { CodeEditor } from "../../editor/code-editor";
import { DraftOffer } from "../../editor/draft-offer";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import { t } from "../../i18n";
import { FileActions } from "./file-actions";
import { store } from "./store";

type Props = {
  namespace: string;
  path: string;
  saved: string;
  fileKey: string;
  origin: Owned | null;
  drafting: boolean;
  /** Where unsaved text is kept. */
  name: string;
};

export function FileText({ namespace, path, saved, fileKey, origin, drafting, name }: Props) {
  const [, change] = useUrl();
  const [text, setText] = useState(saved);
  const [from, setFrom] = useState(saved);
  const [proposing, propose] = useDisclosure(false);
  const dirty = !isSame(text, saved);
  if (saved !== from) {
    setFrom(saved);
    if (isSame(text, from)) setText(saved); // another version is the latest by now
  }
  const isLocked = !drafting && origin?.editMode === "LOCKED";
  useDraft(name, text, saved);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty &&
      (current.pathname !== next.pathname || pathIn(current.search) !== pathIn(next.search)) &&
      !window.confirm(t("files.leave")),
  });
  const save = useAct({
    act: async () => {
      await store(namespace, path, new Blob([text]));
      await dropDraft(name);
    },
    done: () => t("files.saved", { path }),
    stale: [
      ["file", namespace, path],
      ["files", namespace],
    ],
  });
  const act = drafting ? propose.open : () => save.mutate();
  return (
    <>
      {origin && (
        <div className="panel-body">
          <OriginBanner
            origin={origin}
            drafting={drafting}
            onDraft={(on) => change({ change: on ? "true" : undefined })}
          />
        </div>
      )}
      {!isLocked && (
        <div className="panel-body">
          <DraftOffer name={name} base={saved} text={text} onTake={setText} />
        </div>
      )}
      <Group className="panel-body" gap={8}>
        {!isLocked && (
          <Button disabled={!dirty} loading={save.isPending} onClick={act}>
            {drafting ? t("propose.open") : t("editor.save")}
          </Button>
        )}
        <FileActions namespace={namespace} path={path} isLocked={origin?.editMode === "LOCKED"} />
        {!isLocked && (
          <span className="muted">{dirty ? t("editor.unsaved") : t("editor.savedState")}</span>
        )}
      </Group>
      <div className="file-frame">
        <CodeEditor
          label={path}
          path={`${namespace}${path}`}
          value={text}
          readOnly={isLocked}
          onChange={setText}
          onSave={isLocked ? undefined : act}
        />
      </div>
      {origin && (
        <ProposeDialog
          origin={origin}
          file={{ kind: "FILE", key: fileKey, base: saved, text }}
          opened={proposing}
          onClose={propose.close}
          onDone={() => {
            propose.close();
            setText(saved);
            change({ change: undefined });
          }}
        />
      )}
    </>
  );
}

const pathIn = (search: unknown) => (search as { path?: string }).path;
