/** A text in Monaco. Until it has loaded, and if it cannot, a plain text area does its work. */

import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { t } from "../i18n";
import "./code-editor.css";
import type { Problem } from "./problems";

type Monaco = typeof import("monaco-editor");
type Instance = import("monaco-editor").editor.IStandaloneCodeEditor;

type Props = {
  /** Names the document; its ending says the language and whether the flow schema applies. */
  path: string;
  value: string;
  onChange?: (value: string) => void;
  readOnly?: boolean;
  /** The server's verdict, shown beside the editor's own. */
  problems?: Problem[];
  onSave?: () => void;
  onRun?: () => void;
  /** The line that the cursor has come to. */
  onLine?: (line: number) => void;
  /** Gives a way to move the cursor, once there is an editor. */
  onReady?: (goTo: (line: number, column: number) => void) => void;
  label: string;
};

const LANGUAGES: Record<string, string> = {
  yaml: "yaml",
  yml: "yaml",
  py: "python",
  sh: "shell",
  sql: "sql",
  md: "markdown",
  js: "javascript",
  ts: "javascript",
  json: "json",
};

export function CodeEditor(props: Props) {
  const { path, value, readOnly = false, problems = [], label } = props;
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Instance | null>(null);
  const [api, setApi] = useState<Monaco | null>(null);
  const handlers = useRef(props);
  handlers.current = props;
  const { colorScheme } = useMantineColorScheme();

  useEffect(() => {
    let made: Instance | null = null;
    let gone = false;
    import("./monaco").then(({ monaco }) => {
      if (gone || !place.current) return;
      const uri = monaco.Uri.parse(`file:///${path}`);
      const language = LANGUAGES[path.split(".").at(-1) ?? ""] ?? "plaintext";
      const model =
        monaco.editor.getModel(uri) ??
        monaco.editor.createModel(handlers.current.value, language, uri);
      if (model.getValue() !== handlers.current.value) model.setValue(handlers.current.value);
      made = makeEditor(monaco, place.current, model, handlers);
      setApi(monaco);
      setEditor(made);
    });
    return () => {
      gone = true;
      made?.getModel()?.dispose();
      made?.dispose();
      setEditor(null);
    };
  }, [path]);

  useEffect(() => {
    const model = editor?.getModel();
    if (model && model.getValue() !== value) {
      editor?.executeEdits("outside", [{ range: model.getFullModelRange(), text: value }]);
    }
  }, [editor, value]);
  useEffect(() => editor?.updateOptions({ readOnly, ariaLabel: label }), [editor, readOnly, label]);
  useEffect(() => {
    const dark =
      colorScheme === "dark" ||
      (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    api?.editor.setTheme(dark ? "trunkline-dark" : "vs");
  }, [api, colorScheme]);
  useEffect(() => {
    const model = editor?.getModel();
    if (api && model) api.editor.setModelMarkers(model, "server", problems.map(marker(api)));
  }, [api, editor, problems]);

  return (
    <div className="code-editor">
      {!editor && (
        <textarea
          aria-label={label}
          value={value}
          readOnly={readOnly}
          spellCheck={false}
          onChange={(event) => props.onChange?.(event.target.value)}
        />
      )}
      <div ref={place} className="code-editor-place" data-ready={editor !== null || undefined} />
      {editor && <p className="visually-hidden">{t("editor.tabHint")}</p>}
    </div>
  );
}

function makeEditor(
  monaco: Monaco,
  place: HTMLElement,
  model: import("monaco-editor").editor.ITextModel,
  handlers: { current: Props },
): Instance {
  const made = monaco.editor.create(place, {
    model,
    automaticLayout: true,
    minimap: { enabled: false },
    fontSize: 13,
    lineHeight: 20,
    tabSize: 2,
    insertSpaces: true,
    scrollBeyondLastLine: false,
    renderFinalNewline: "on",
    quickSuggestions: { strings: true, other: true, comments: false },
    fixedOverflowWidgets: true,
  });
  made.onDidChangeModelContent(() => handlers.current.onChange?.(made.getValue()));
  made.onDidChangeCursorPosition(({ position }) => handlers.current.onLine?.(position.lineNumber));
  made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => handlers.current.onSave?.());
  made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => handlers.current.onRun?.());
  handlers.current.onReady?.((lineNumber, column) => {
    made.revealLineInCenter(lineNumber);
    made.setPosition({ lineNumber, column });
    made.focus();
  });
  return made;
}

const marker = (monaco: Monaco) => (problem: Problem) => ({
  severity:
    problem.severity === "error" ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
  message: problem.message,
  startLineNumber: problem.line ?? 1,
  startColumn: problem.column ?? 1,
  endLineNumber: problem.line ?? 1,
  endColumn: problem.endColumn ?? 1_000,
});
