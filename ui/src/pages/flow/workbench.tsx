/** The text of a flow with its panels: what stands beside it follows the text and the cursor. */

import { type RefObject, useCallback, useState } from "react";
import { CodeEditor } from "../../editor/code-editor";
import { fixOf, mended } from "../../editor/fixes";
import type { EditorHandle } from "../../editor/make-editor";
import type { Problem } from "../../editor/problems";
import { Split } from "../../editor/split";
import type { Filled } from "../../forms/inputs";
import { t } from "../../i18n";
import { BelowPanel } from "./below-panel";
import { SidePanel } from "./side-panel";
import type { useEditing } from "./use-editing";
import type { Panels } from "./use-panels";
import { useProblems } from "./use-verdict";

type Props = {
  editing: ReturnType<typeof useEditing>;
  panels: Panels;
  /** What may be done to the editor, once there is one. */
  editor: RefObject<EditorHandle | null>;
  draft: string;
  isLocked: boolean;
  onSave?: () => void;
  onRun?: () => void;
};

export function Workbench({ editing, panels, editor, draft, isLocked, onSave, onRun }: Props) {
  const { text, setText, base, loaded, dirty } = editing;
  const [line, setLine] = useState(1);
  const [filled, setFilled] = useState<Filled>({});
  const { problems, setSchema, isSettled } = useProblems(text);
  const keep = useCallback(
    (made: EditorHandle) => {
      editor.current = made;
    },
    [editor],
  );
  const goTo = (to: number, column: number) => editor.current?.goTo(to, column);
  const fix = (problem: Problem) => {
    const found = fixOf(problem, text);
    if (!found) return;
    setText(mended(text, found));
    goTo(found.line, found.column);
  };
  const source = (
    <section className="panel" aria-label={t("editor.source")}>
      <CodeEditor
        label={t("editor.source")}
        path={`${draft.replace(/[/:]/g, ".")}.flow.yaml`}
        value={text}
        onChange={setText}
        readOnly={isLocked}
        problems={problems}
        onSchemaProblems={setSchema}
        onSave={onSave}
        onRun={onRun}
        onReady={keep}
        onLine={setLine}
      />
    </section>
  );
  const side = panels.side && (
    <SidePanel
      open={panels.side}
      onOpen={panels.setSide}
      onClose={() => panels.setSide(null)}
      text={text}
      line={line}
      onSelect={(first, last) => editor.current?.select(first, last)}
      onInsert={isLocked ? undefined : (more) => editor.current?.insert(more)}
      onReplace={isLocked ? undefined : setText}
      filled={filled}
      onFill={setFilled}
      flow={loaded}
      dirty={dirty}
    />
  );
  const below = panels.below && (
    <BelowPanel
      open={panels.below}
      onOpen={panels.setBelow}
      onClose={() => panels.setBelow(null)}
      text={text}
      base={base}
      flow={loaded}
      problems={problems}
      isSettled={isSettled}
      onGo={goTo}
      onFix={isLocked ? undefined : fix}
      filled={filled}
    />
  );
  return (
    <Split
      sizes={panels.sizes}
      onSizes={panels.setSizes}
      main={source}
      side={side ?? undefined}
      below={below ?? undefined}
    />
  );
}
