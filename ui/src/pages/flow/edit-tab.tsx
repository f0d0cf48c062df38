/** The editor of a flow: completion by schema, the server's verdict at the line, save, propose. */

import { Alert, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useBlocker } from "@tanstack/react-router";
import { useRef } from "react";
import type { Flow } from "../../api/types";
import { changeName } from "../../changes/change-drafts";
import { type Owned, ownedOf, useOrigin } from "../../changes/origin";
import { ProposeDialog } from "../../changes/propose-dialog";
import { tell } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { useDraft } from "../../editor/drafts";
import type { EditorHandle } from "../../editor/make-editor";
import { t } from "../../i18n";
import { Notices, standingOf, Toolbar } from "./edit-bars";
import { OpenFlows } from "./open-flows";
import { ProposeNew } from "./propose-new";
import { useEditing } from "./use-editing";
import { usePanels } from "./use-panels";
import { Workbench } from "./workbench";

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
  const [, change] = useUrl();
  const editing = useEditing(flow, draft);
  const { text, setText, base, dirty } = editing;
  const panels = usePanels();
  const editor = useRef<EditorHandle | null>(null);
  const [proposing, propose] = useDisclosure(false);
  useDraft(draft, text, base);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty && !editing.isLeaving() && current.pathname !== next.pathname,
    withResolver: true,
  });
  const standing = drafting ? "open" : standingOf(flow, origin);
  const save = drafting ? propose.open : () => void editing.save();
  const isOpen = standing === "open" && !drafting;
  const run = onRun && (() => void runSaved(editing, isOpen, onRun));
  return (
    <>
      <Leaving blocker={blocker} />
      {flow && <OpenFlows flow={flow} />}
      <Notices
        editing={editing}
        origin={origin}
        drafting={drafting}
        draft={draft}
        standing={standing}
        onDiff={() => panels.setBelow("diff")}
      />
      {!flow && <ProposeNew text={text} onDone={() => void editing.discard()} />}
      <Toolbar
        editing={editing}
        origin={origin}
        drafting={drafting}
        isLocked={standing !== "open"}
        panels={panels}
        onSave={save}
        onPropose={propose.open}
        onRun={run}
        onRunSaved={onRun}
        onFormat={() => within(editor.current, "format")}
        onFind={() => within(editor.current, "find")}
      />
      <Workbench
        editing={editing}
        panels={panels}
        editor={editor}
        draft={draft}
        isLocked={standing !== "open"}
        onSave={standing === "open" ? save : undefined}
        onRun={run}
      />
      {origin && flow && (
        <ProposeDialog
          origin={origin}
          file={{ kind: "FLOW", key: `${flow.namespace}/${flow.id}`, base, text }}
          opened={proposing}
          onClose={propose.close}
          onFetched={() => {
            propose.close();
            editing.compareNext();
          }}
          onDone={() => {
            propose.close();
            if (drafting) {
              setText(base);
              change({ change: undefined });
            }
          }}
        />
      )}
    </>
  );
}

/** Does what only the whole editor can; says so where there is but the plain text. */
function within(editor: EditorHandle | null, what: "format" | "find") {
  const act = editor?.[what];
  if (act) act();
  else if (editor) tell(t("editor.notPlain"));
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
