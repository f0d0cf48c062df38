/** One file: edited as text where it is text, else to download and replace. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { addressOf, call, send } from "../../api/client";
import { Confirm } from "../../design/confirm";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { CodeEditor } from "../../editor/code-editor";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import { t } from "../../i18n";
import { store } from "./store";

const MOST_BYTES = 1_000_000;

type Props = { namespace: string; path: string };

export function FileEditor({ namespace, path }: Props) {
  const query = useQuery({
    queryKey: ["file", namespace, path],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const answer = await send("GET", `/namespaces/${namespace}/files`, {
        signal,
        query: { path },
      });
      return textOf(await answer.arrayBuffer());
    },
  });
  return (
    <Panel title={path}>
      <Loaded query={query}>
        {(text) =>
          text === null ? (
            <>
              <p className="panel-body muted">{t("files.binary")}</p>
              <Group className="panel-body" gap={8}>
                <FileActions namespace={namespace} path={path} />
              </Group>
            </>
          ) : (
            <TextFile namespace={namespace} path={path} saved={text} />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** The text of bytes; null where they are none, or too many. */
export function textOf(bytes: ArrayBuffer): string | null {
  if (bytes.byteLength > MOST_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function TextFile({ namespace, path, saved }: Props & { saved: string }) {
  const [text, setText] = useState(saved);
  const name = `file:${namespace}${path}`;
  const dirty = !isSame(text, saved);
  useDraft(name, text, saved);
  useBlocker({ shouldBlockFn: () => dirty && !window.confirm(t("files.leave")) });
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
  return (
    <>
      <Group className="panel-body" gap={8}>
        <Button disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>
          {t("editor.save")}
        </Button>
        <FileActions namespace={namespace} path={path} />
        <span className="muted">{dirty ? t("editor.unsaved") : t("editor.savedState")}</span>
      </Group>
      <div className="file-frame">
        <CodeEditor
          label={path}
          path={`${namespace}${path}`}
          value={text}
          onChange={setText}
          onSave={() => save.mutate()}
        />
      </div>
    </>
  );
}

function FileActions({ namespace, path }: Props) {
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
    </>
  );
}
