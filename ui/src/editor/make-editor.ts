/** One editor of Monaco: how it looks, its keys, and what may be done to it from outside. */

import { look } from "../design/look";
import type { CodeEditorProps } from "./code-editor";
import { openExpression } from "./expression-at";

export type Monaco = typeof import("monaco-editor");
export type Instance = import("monaco-editor").editor.IStandaloneCodeEditor;

export type EditorHandle = {
  goTo: (line: number, column: number) => void;
  /** Selects whole lines, from one to another. */
  select: (first: number, last: number) => void;
  /** Writes at the cursor, on lines of its own. */
  insert: (text: string) => void;
  /** Puts the text in order; comments stay. A plain text area cannot. */
  format?: () => void;
  /** Opens the search; a plain text area has that of the browser. */
  find?: () => void;
};

const EXPRESSION_LINES = 30;
const SMALL = {
  folding: false,
  glyphMargin: false,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 4,
  overviewRulerLanes: 0,
  quickSuggestions: false,
} as const;

/** A field of a form holds nobody: Tab is the browser's. */
function letTabLeave(monaco: Monaco, made: Instance): void {
  made.onKeyDown((event) => {
    if (event.keyCode === monaco.KeyCode.Tab) event.stopPropagation();
  });
}

export function makeEditor(
  monaco: Monaco,
  place: HTMLElement,
  model: import("monaco-editor").editor.ITextModel,
  handlers: { current: CodeEditorProps },
): Instance {
  const made = monaco.editor.create(place, {
    model,
    automaticLayout: true,
    minimap: { enabled: false },
    fontSize: look().editorFont ?? 13,
    lineHeight: Math.round((look().editorFont ?? 13) * 1.5),
    tabSize: 2,
    insertSpaces: true,
    scrollBeyondLastLine: false,
    renderFinalNewline: "on",
    quickSuggestions: { strings: true, other: true, comments: false },
    fixedOverflowWidgets: true,
    ...(handlers.current.isSmall ? SMALL : {}),
  });
  if (handlers.current.isSmall) letTabLeave(monaco, made);
  made.onDidChangeModelContent(({ changes }) => {
    handlers.current.onChange?.(made.getValue());
    const isDeletion = changes.every(({ text, rangeLength }) => text === "" && rangeLength === 1);
    if (isDeletion && isInExpression(made)) {
      made.trigger("deletion", "editor.action.triggerSuggest", {});
    }
  });
  made.onDidChangeCursorPosition(({ position }) => handlers.current.onLine?.(position.lineNumber));
  made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => handlers.current.onSave?.());
  made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => handlers.current.onRun?.());
  handlers.current.onReady?.(handleOf(made));
  return made;
}

function isInExpression(made: Instance): boolean {
  const model = made.getModel();
  const position = made.getPosition();
  if (!model || !position) return false;
  const before = model.getValueInRange({
    startLineNumber: Math.max(1, position.lineNumber - EXPRESSION_LINES),
    startColumn: 1,
    endLineNumber: position.lineNumber,
    endColumn: position.column,
  });
  return openExpression(before) !== null;
}

function handleOf(made: Instance): EditorHandle {
  return {
    goTo: (lineNumber, column) => {
      made.revealLineInCenter(lineNumber);
      made.setPosition({ lineNumber, column });
      made.focus();
    },
    select: (first, last) => {
      made.revealLineInCenter(first);
      made.setSelection({
        startLineNumber: first,
        startColumn: 1,
        endLineNumber: last,
        endColumn: made.getModel()?.getLineMaxColumn(last) ?? 1,
      });
      made.focus();
    },
    insert: (text) => {
      const line = made.getPosition()?.lineNumber ?? 1;
      const column = made.getModel()?.getLineMaxColumn(line) ?? 1;
      const range = {
        startLineNumber: line,
        startColumn: column,
        endLineNumber: line,
        endColumn: column,
      };
      made.executeEdits("example", [{ range, text: `\n${text}` }]);
      made.pushUndoStop();
      made.focus();
    },
    format: () => void made.getAction("editor.action.formatDocument")?.run(),
    find: () => void made.getAction("actions.find")?.run(),
  };
}
