/** What the editor knows of the flow language: the one file that knows monaco-yaml. */

import type { editor, languages } from "monaco-editor";
import { configureMonacoYaml, type MonacoYaml } from "monaco-yaml";
import { fixOf } from "./fixes";
import { namesOf } from "./flow-names";
import { known } from "./known";
import { monaco } from "./monaco";
import type { Problem } from "./problems";
import { type Suggestion, suggestionsAt } from "./suggestions";

type Position = { lineNumber: number; column: number };

const FLOW = ".flow.yaml";
/** What opens the list of suggestions as it is typed. */
const OPENERS = [" ", ":", ".", "{", "|", "'", '"', "/"];

let language: MonacoYaml | null = null;
const problems = new WeakMap<editor.ITextModel, readonly Problem[]>();

/** Documents have a schema by the ending of their path: `.flow.yaml` and so on. */
type Kind = "flow" | "suite" | "variables" | "pluginDefaults";
const schemas: Partial<Record<Kind, object | null>> = {};

/** Makes documents of a kind complete, hover and check by a JSON Schema. */
export async function applySchema(kind: Kind, schema: object | null): Promise<void> {
  schemas[kind] = schema;
  const options = {
    enableSchemaRequest: false,
    hover: true,
    completion: true,
    validate: true,
    format: { enable: true },
    schemas: Object.entries(schemas).flatMap(([kind, schema]) =>
      schema
        ? [
            {
              uri: `trunkline://schema/${kind}`, // a host would lose its capitals
              fileMatch: [`**/*.${kind}.yaml`],
              schema: schema as never,
            },
          ]
        : [],
    ),
  };
  if (language) {
    await language.update(options);
    return;
  }
  language = configureMonacoYaml(withOurCompletion(), options);
  monaco.languages.registerCodeActionProvider("yaml", { provideCodeActions: fixesFor });
}

/** What the server found in a document, to be mended at its line. */
export function keepProblems(model: editor.ITextModel, found: readonly Problem[]): void {
  problems.set(model, found);
}

/** Monaco as monaco-yaml shall see it: its completion asks ours first, and shortens names of types. */
function withOurCompletion(): typeof monaco {
  const register: typeof monaco.languages.registerCompletionItemProvider = (selector, theirs) =>
    monaco.languages.registerCompletionItemProvider(selector, {
      triggerCharacters: OPENERS,
      async provideCompletionItems(model, position, context, token) {
        const ours = await oursAt(model, position);
        if (ours) return ours;
        if (isOnlyOurs(context.triggerCharacter)) return undefined;
        const found = await theirs.provideCompletionItems(model, position, context, token);
        if (found) addUsedTypes(found.suggestions, model.getValue());
        found?.suggestions.forEach(shorten);
        return found;
      },
    });
  const languages = { ...monaco.languages, registerCompletionItemProvider: register };
  return { ...monaco, languages };
}

/** The schema's names are asked for after a blank and a colon only. */
const isOnlyOurs = (opener: string | undefined) =>
  opener !== undefined && opener !== " " && opener !== ":";

async function oursAt(
  model: editor.ITextModel,
  position: Position,
): Promise<languages.CompletionList | undefined> {
  if (!model.uri.path.endsWith(FLOW)) return undefined;
  const lines = model.getLinesContent().slice(0, position.lineNumber);
  lines[lines.length - 1] = (lines.at(-1) ?? "").slice(0, position.column - 1);
  const found = await suggestionsAt(lines, model.getValue(), known);
  if (!found) return undefined;
  return { suggestions: found.map((one, n) => itemOf(one, n, position)) };
}

function itemOf(
  { label, detail, insert, over, kind }: Suggestion,
  rank: number,
  position: Position,
): languages.CompletionItem {
  const { CompletionItemKind, CompletionItemInsertTextRule } = monaco.languages;
  const kinds = {
    name: CompletionItemKind.Field,
    function: CompletionItemKind.Function,
    value: CompletionItemKind.Value,
  };
  const { lineNumber, column } = position;
  const isSnippet = insert.includes("$0");
  return {
    label: { label, detail },
    kind: kinds[kind],
    insertText: insert,
    ...(isSnippet ? { insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet } : {}),
    // what is typed over has to fit, and where a dot goes it is part of that
    filterText: insert.startsWith("[") ? `.${label}` : label,
    sortText: String(rank).padStart(4, "0"),
    range: {
      startLineNumber: lineNumber,
      startColumn: column - over,
      endLineNumber: lineNumber,
      endColumn: column,
    },
  };
}

/** A type that the text uses already is no longer among the bare names of the trimmed schema. */
function addUsedTypes(items: languages.CompletionItem[], text: string): void {
  const labels = new Set(items.map(labelOf));
  const some = items.find((item) => TYPE.test(labelOf(item)));
  if (!some) return;
  const { tasks, triggers } = namesOf(text);
  const isOfTriggers = [...labels].some((label) => label.includes(".trigger."));
  for (const type of new Set((isOfTriggers ? triggers : tasks).map((one) => one.type))) {
    if (!labels.has(type) && TYPE.test(type))
      items.push({ ...some, label: type, insertText: type });
  }
}

const labelOf = ({ label }: languages.CompletionItem) =>
  typeof label === "string" ? label : label.label;

const TYPE = /^([a-z][\w]*(?:\.[\w]+)*)\.([A-Z][\w$]*)$/;

/** `Log` with its package as a detail; any part of the whole name finds it. */
function shorten(item: languages.CompletionItem): void {
  const whole = labelOf(item);
  const [, pack, name = ""] = TYPE.exec(whole) ?? [];
  if (!pack) return;
  item.label = { label: name, description: pack };
  item.filterText = whole;
}

const fixesFor: languages.CodeActionProvider["provideCodeActions"] = (model, range) => {
  const text = model.getValue();
  const here = (problems.get(model) ?? []).filter(({ line }) => line === range.startLineNumber);
  const actions = here.flatMap((problem): languages.CodeAction[] => {
    const fix = fixOf(problem, text);
    if (!fix) return [];
    const place = {
      startLineNumber: fix.line,
      startColumn: fix.column,
      endLineNumber: fix.line,
      endColumn: fix.endColumn,
    };
    const textEdit = { range: place, text: fix.text };
    const edits = [{ resource: model.uri, versionId: model.getVersionId(), textEdit }];
    return [{ title: fix.value, kind: "quickfix", isPreferred: true, edit: { edits } }];
  });
  return { actions, dispose: () => undefined };
};
