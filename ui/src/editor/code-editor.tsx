/** A text in Monaco. Until it has loaded, and if it cannot, a plain text area does its work. */

import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { t } from "../i18n";
import "./code-editor.css";
import type { EditorHandle, Instance, Monaco } from "./make-editor";
import { markerOf, schemaProblems } from "./markers";
import { PlainText } from "./plain-text";
import type { Problem } from "./problems";

export type CodeEditorProps = {
  /** Names the document; its ending says the language and whether the flow schema applies. */
  path: string;
  value: string;
  onChange?: (value: string) => void;
  readOnly?: boolean;
  /** The server's verdict, shown beside the editor's own. */
  problems?: Problem[];
  /** What the schema of the language finds, as soon as it does. */
  onSchemaProblems?: (problems: Problem[]) => void;
  onSave?: () => void;
  onRun?: () => void;
  /** The line that the cursor has come to. */
  onLine?: (line: number) => void;
  /** Gives what may be done to the editor, once there is one. */
  onReady?: (editor: EditorHandle) => void;
  label: string;
  /** A field of a form: no folds, no suggestions, and Tab moves on. */
  isSmall?: boolean;
  /** The id of what describes it. */
  describedBy?: string;
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

export function CodeEditor(props: CodeEditorProps) {
  const { path, value, readOnly = false, problems, label, isSmall, describedBy } = props;
  const { place, editor, api, hasFailed } = useMonaco(path, props);
  const { colorScheme } = useMantineColorScheme();

  useEffect(() => {
    const model = editor?.getModel();
    if (model && model.getValue() !== value) {
      editor?.executeEdits("outside", [{ range: model.getFullModelRange(), text: value }]);
    }
  }, [editor, value]);
  useEffect(
    () => editor?.updateOptions({ readOnly, ariaLabel: isSmall ? label : hinted(label) }),
    [editor, readOnly, label, isSmall],
  );
  useEffect(() => {
    const area = editor?.getDomNode()?.querySelector("textarea");
    if (describedBy) area?.setAttribute("aria-describedby", describedBy);
  }, [editor, describedBy]);
  useEffect(() => {
    const dark =
      colorScheme === "dark" ||
      (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    api?.editor.setTheme(dark ? "trunkline-dark" : "vs");
  }, [api, colorScheme]);
  useEffect(() => {
    const model = editor?.getModel();
    if (!api || !model) return;
    const found = (problems ?? []).filter(({ source }) => source !== "schema");
    api.editor.setModelMarkers(model, "server", found.map(markerOf(api)));
    if (path.endsWith(".flow.yaml"))
      void import("./language").then(({ keepProblems }) => keepProblems(model, found));
  }, [api, editor, path, problems]);

  return (
    <div className="code-editor">
      {hasFailed && (
        <p role="status" className="code-editor-note">
          {t("editor.plain")}
        </p>
      )}
      {!editor && <PlainText {...props} isAll={hasFailed} />}
      <div ref={place} className="code-editor-place" data-ready={editor !== null || undefined} />
    </div>
  );
}

const hinted = (label: string) => `${label}. ${t("editor.tabHint")}`;

/** The editor of a document, and Monaco itself; neither until it has loaded. */
function useMonaco(path: string, props: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Instance | null>(null);
  const [api, setApi] = useState<Monaco | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const handlers = useRef(props);
  handlers.current = props;

  useEffect(() => {
    let made: Instance | null = null;
    let gone = false;
    const begin = async () => {
      const [{ monaco }, { makeEditor }] = await Promise.all([
        import("./monaco"),
        import("./make-editor"),
      ]);
      if (gone || !place.current) return;
      const uri = monaco.Uri.parse(`file:///${path}`);
      const language = LANGUAGES[path.split(".").at(-1) ?? ""] ?? "plaintext";
      const text = handlers.current.value;
      const model = monaco.editor.getModel(uri) ?? monaco.editor.createModel(text, language, uri);
      if (model.getValue() !== text) model.setValue(text);
      made = makeEditor(monaco, place.current, model, handlers);
      setApi(monaco);
      setEditor(made);
    };
    begin().catch(() => setHasFailed(!gone)); // the plain text area stays
    return () => {
      gone = true;
      made?.getModel()?.dispose();
      made?.dispose();
      setEditor(null);
    };
  }, [path]);

  useEffect(() => {
    const model = editor?.getModel();
    if (!api || !model) return;
    let told = "[]";
    const watch = api.editor.onDidChangeMarkers((changed) => {
      if (!changed.some((uri) => String(uri) === String(model.uri))) return;
      const found = schemaProblems(api, model);
      // the answer sets the server's marks anew, which comes here again: it must end
      if (JSON.stringify(found) === told) return;
      told = JSON.stringify(found);
      handlers.current.onSchemaProblems?.(found);
    });
    return () => watch.dispose();
  }, [api, editor]);
  return { place, editor, api, hasFailed };
}
