/** What stands above the text of a flow: whose it is, drafts, conflicts, and the actions. */

import { Alert, Button, Group } from "@mantine/core";
import type { Flow } from "../../api/types";
import type { Owned } from "../../changes/origin";
import { OriginBanner } from "../../changes/origin-banner";
import { useUrl } from "../../design/search";
import { Conflict } from "../../editor/conflict";
import { DraftOffer } from "../../editor/draft-offer";
import { t } from "../../i18n";
import type { useEditing } from "./use-editing";
import type { Panels } from "./use-panels";

type Editing = ReturnType<typeof useEditing>;
type Common = { editing: Editing; origin: Owned | null; drafting: boolean };

/** Whether the text may be saved here, and if not, what keeps it. */
export type Standing = "open" | "owned" | "labelled";

const READ_ONLY = "system.readOnly";

export function standingOf(flow: Flow | undefined, origin: Owned | null): Standing {
  if (origin?.editMode === "LOCKED") return "owned";
  const isLabelled = flow?.labels?.some(({ key, value }) => key === READ_ONLY && value === "true");
  return isLabelled ? "labelled" : "open";
}

type NoticesProps = Common & { draft: string; standing: Standing; onDiff: () => void };

export function Notices({ editing, origin, drafting, draft, standing, onDiff }: NoticesProps) {
  const [, change] = useUrl();
  const { text, base, newer, theirs } = editing;
  return (
    <>
      {origin && (
        <OriginBanner
          origin={origin}
          drafting={drafting}
          onDraft={(on) => change({ change: on ? "true" : undefined })}
        />
      )}
      {standing === "labelled" && <Alert title={t("origin.readOnly")} />}
      {standing === "open" && (
        <DraftOffer name={draft} base={base} text={text} onTake={editing.setText} />
      )}
      {newer && (
        <Alert color="yellow" title={t("editor.newer", { revision: newer.revision })}>
          <Button onClick={editing.compare}>{t("editor.compare")}</Button>
        </Alert>
      )}
      {theirs && (
        <Conflict
          base={base}
          theirs={theirs.source ?? ""}
          mine={text}
          revision={theirs.revision}
          busy={editing.busy}
          onTake={() => void editing.settle(null)}
          onByHand={(merged) => {
            onDiff();
            void editing.settle(merged);
          }}
          onSave={drafting ? undefined : () => void editing.save(theirs)}
        />
      )}
    </>
  );
}

type ToolbarProps = Common & {
  isLocked: boolean;
  panels: Panels;
  onSave: () => void;
  onPropose: () => void;
  onRun?: () => void;
  /** Runs what is saved, whatever the text is. */
  onRunSaved?: () => void;
  onFormat: () => void;
  onFind: () => void;
};

export function Toolbar({ editing, origin, drafting, isLocked, panels, ...on }: ToolbarProps) {
  const { dirty, loaded, busy, theirs } = editing;
  return (
    <Group className="editor-actions">
      {!isLocked && !drafting && (
        <Button disabled={(loaded && !dirty) || theirs !== null} loading={busy} onClick={on.onSave}>
          {t("editor.save")}
        </Button>
      )}
      {origin && !isLocked && (
        <Button
          variant={drafting ? "filled" : "default"}
          disabled={!dirty && origin.state === "Synced"}
          onClick={on.onPropose}
        >
          {t("propose.open")}
        </Button>
      )}
      {on.onRun && <RunButton editing={editing} saves={!isLocked && !drafting} onRun={on.onRun} />}
      {on.onRunSaved && loaded && dirty && !isLocked && !drafting && (
        <Button variant="default" disabled={busy || loaded.disabled} onClick={on.onRunSaved}>
          {t("editor.runSaved", { revision: loaded.revision })}
        </Button>
      )}
      {!isLocked && (
        <Button variant="default" onClick={on.onFormat}>
          {t("editor.format")}
        </Button>
      )}
      <Button variant="default" onClick={on.onFind}>
        {t("editor.find")}
      </Button>
      <PanelButtons panels={panels} />
      {!isLocked && (
        <span className="muted">
          {dirty ? t("editor.unsaved") : t(loaded ? "editor.savedState" : "editor.notSaved")}
        </span>
      )}
    </Group>
  );
}

/** What was closed comes back by these. */
function PanelButtons({ panels }: { panels: Panels }) {
  return (
    <>
      {!panels.side && (
        <Button variant="default" onClick={() => panels.setSide("topology")}>
          {t("side.show")}
        </Button>
      )}
      {!panels.below && (
        <Button variant="default" onClick={() => panels.setBelow("problems")}>
          {t("below.show")}
        </Button>
      )}
    </>
  );
}

/** `saves`: unsaved text is saved first. */
function RunButton(props: { editing: Editing; saves: boolean; onRun: () => void }) {
  const { dirty, loaded, busy } = props.editing;
  return (
    <Button variant="default" disabled={busy || loaded?.disabled} onClick={props.onRun}>
      {t(dirty && props.saves ? "editor.saveAndRun" : "flow.run")}
    </Button>
  );
}
