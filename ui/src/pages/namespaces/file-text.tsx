/** The text of a file: saved here, or proposed to Git where Git owns it. */

import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import type { Owned } from "../../changes/origin";
import { OriginBanner } from "../../changes/origin-banner";
import { ProposeDialog } from "../../changes/propose-dialog";
import { Markdown } from "../../design/markdown";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { CodeEditor } from "../../editor/code-editor";
import { Conflict } from "../../editor/conflict";
import { DraftOffer } from "../../editor/draft-offer";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import { t } from "../../i18n";
import { FileActions } from "./file-actions";
import { store } from "./store";
import { useMeanwhile } from "./use-meanwhile";

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
  const meanwhile = useMeanwhile(namespace, path, saved);
  const save = useAct({
    act: async ({ over }: { over: boolean }) => {
      if (!over) await meanwhile.check();
      await store(namespace, path, new Blob([text]));
      await dropDraft(name);
      meanwhile.forget();
    },
    done: () => t("files.saved", { path }),
    stale: [
      ["file", namespace, path],
      ["files", namespace],
    ],
  });
  const act = drafting ? propose.open : () => save.mutate({ over: false });
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
      {meanwhile.theirs && (
        <Conflict
          base={saved}
          theirs={meanwhile.theirs.text}
          mine={text}
          revision={meanwhile.theirs.revision}
          busy={save.isPending}
          onTake={() => setText(meanwhile.take())}
          onByHand={(merged) => {
            meanwhile.take();
            setText(merged);
          }}
          onSave={() => save.mutate({ over: true })}
        />
      )}
      <Group className="panel-body" gap={8}>
        {!isLocked && (
          <Button disabled={!dirty} loading={save.isPending} onClick={act}>
            {drafting ? t("propose.open") : t("editor.save")}
          </Button>
        )}
        <PreviewButton path={path} />
        <FileActions namespace={namespace} path={path} isLocked={origin?.editMode === "LOCKED"} />
        {!isLocked && (
          <span className="muted">{dirty ? t("editor.unsaved") : t("editor.savedState")}</span>
        )}
      </Group>
      <Body
        {...{ namespace, path, text, isLocked }}
        onChange={setText}
        onSave={isLocked ? undefined : act}
      />
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

const isMarkdown = (path: string) => /\.(md|markdown)$/i.test(path);

/** `preview` in the address shows Markdown as it reads. */
function PreviewButton({ path }: { path: string }) {
  const [search, change] = useUrl();
  const isOn = search.preview === "true";
  if (!isMarkdown(path)) return null;
  return (
    <Button
      variant="default"
      aria-pressed={isOn}
      onClick={() => change({ preview: isOn ? undefined : "true" })}
    >
      {t("files.preview")}
    </Button>
  );
}

type BodyProps = {
  namespace: string;
  path: string;
  text: string;
  isLocked: boolean;
  onChange: (text: string) => void;
  onSave?: () => void;
};

function Body({ namespace, path, text, isLocked, onChange, onSave }: BodyProps) {
  const [search] = useUrl();
  if (search.preview === "true" && isMarkdown(path)) {
    return (
      <div className="panel-body">
        <Markdown text={text} />
      </div>
    );
  }
  return (
    <div className="file-frame">
      <CodeEditor
        label={path}
        path={`${namespace}${path}`}
        value={text}
        readOnly={isLocked}
        onChange={onChange}
        onSave={onSave}
      />
    </div>
  );
}
