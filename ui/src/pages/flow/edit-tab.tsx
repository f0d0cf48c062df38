/** The editor of a flow: completion by schema, the server's verdict at the line, save, propose. */

import { Alert, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useBlocker } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import type { Flow } from "../../api/types";
import { changeName } from "../../changes/change-drafts";
import { type Owned, ownedOf, useOrigin } from "../../changes/origin";
import { ProposeDialog } from "../../changes/propose-dialog";
import { DiffView } from "../../design/diff-view";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { CodeEditor } from "../../editor/code-editor";
import { useDraft } from "../../editor/drafts";
import "../../editor/editor-frame.css";
import { ProblemList } from "../../editor/problem-list";
import { t } from "../../i18n";
import { Notices, standingOf, Toolbar } from "./edit-bars";
import { ProposeNew } from "./propose-new";
import { SidePanel } from "./side-panel";
import { useEditing } from "./use-editing";
import { useProblems, useSchema } from "./use-verdict";

type Props = { flow?: Flow; onRun?: () => void };

/** With `change=true` in the address the text is a draft for a branch. */
export function EditTab({ flow, onRun }: Props) {
  const [search] = useUrl();
  const key = flow ? `${flow.namespace}/${flow.id}` : "";
  const query = useOrigin("FLOW", key, flow !== undefined);
  if (flow && query.isPending) return null;
  const origin = ownedOf(query.data);
  const drafting = origin !== null && search.change === "true";
  const draft = drafting ? changeName(origin.binding, "FLOW", key) : key || "new";
  return (
    <Editor
      key={draft}
      flow={flow}
      origin={origin}
      drafting={drafting}
      draft={draft}
      onRun={onRun}
    />
  );
}

type EditorProps = Props & { origin: Owned | null; drafting: boolean; draft: string };

function Editor({ flow, origin, drafting, draft, onRun }: EditorProps) {
  const [search, change] = useUrl();
  const editing = useEditing(flow, draft);
  const { text, setText, base, dirty } = editing;
  const goTo = useRef<((line: number, column: number) => void) | null>(null);
  const [line, setLine] = useState(1);
  const [proposing, propose] = useDisclosure(false);
  useDraft(draft, text, base);
  useSchema();
  const problems = useProblems(text);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty && !editing.isLeaving() && current.pathname !== next.pathname,
    withResolver: true,
  });
  const keepGoTo = useCallback((go: (line: number, column: number) => void) => {
    goTo.current = go;
  }, []);
  const standing = drafting ? "open" : standingOf(flow, origin);
  const save = drafting ? propose.open : () => void editing.save();
  const isOpen = standing === "open" && !drafting;
  const run = onRun && (() => void runSaved(editing, isOpen, onRun));
  return (
    <>
      <Leaving blocker={blocker} />
      <Notices
        editing={editing}
        origin={origin}
        drafting={drafting}
        draft={draft}
        standing={standing}
      />
      {!flow && <ProposeNew text={text} onDone={() => void editing.discard()} />}
      <Toolbar
        editing={editing}
        origin={origin}
        drafting={drafting}
        isLocked={standing !== "open"}
        onSave={save}
        onPropose={propose.open}
        onRun={run}
      />
      {dirty && search.diff === "true" && (
        <Panel title={t("editor.changes", { revision: editing.loaded?.revision ?? 0 })}>
          <DiffView left={base} right={text} />
        </Panel>
      )}
      <div className="editor-and-side" data-open={search.side !== undefined || undefined}>
        <section className="panel editor-frame" aria-label={t("editor.source")}>
          <CodeEditor
            label={t("editor.source")}
            path={`${draft.replace(/[/:]/g, ".")}.flow.yaml`}
            value={text}
            onChange={setText}
            readOnly={standing !== "open"}
            problems={problems}
            onSave={standing === "open" ? save : undefined}
            onRun={run}
            onReady={keepGoTo}
            onLine={setLine}
          />
        </section>
        {search.side && (
          <div className="side">
            <SidePanel text={text} line={line} onGo={(to) => goTo.current?.(to, 1)} />
          </div>
        )}
      </div>
      <ProblemList
        problems={problems}
        none={t("editor.noProblems")}
        onGo={(line, column) => goTo.current?.(line, column)}
      />
      {origin && flow && (
        <ProposeDialog
          origin={origin}
          file={{ kind: "FLOW", key: `${flow.namespace}/${flow.id}`, base, text }}
          opened={proposing}
          onClose={propose.close}
          onDone={() => {
            propose.close();
            if (drafting) {
              setText(base);
              change({ change: undefined, diff: undefined });
            }
          }}
        />
      )}
    </>
  );
}

/** What runs is what is saved: unsaved text is saved first, where it may be. */
async function runSaved(
  editing: ReturnType<typeof useEditing>,
  isOpen: boolean,
  onRun: () => void,
) {
  if (!editing.dirty || !isOpen || (await editing.save())) onRun();
}

type Blocker = { status: string; proceed?: () => void; reset?: () => void };

function Leaving({ blocker }: { blocker: Blocker }) {
  if (blocker.status !== "blocked") return null;
  return (
    <Alert title={t("editor.leave")} role="alertdialog">
      <Group>
        <Button onClick={blocker.proceed}>{t("editor.leaveAnyway")}</Button>
        <Button variant="default" onClick={blocker.reset}>
          {t("editor.stay")}
        </Button>
      </Group>
    </Alert>
  );
}
