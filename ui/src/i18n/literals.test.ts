/** No text stands in the sources themselves (ui.md, section 9): each comes from en.json by its name. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { texts } from ".";

/** Attributes that people read or hear. */
const READ =
  /^(label|title|alt|placeholder|description|error|empty|legend|text|caption|heading|message|aria-(label|description|roledescription|valuetext|placeholder))$/;
/** The same in every language: the product, and examples of what is written in code. */
const SAME = new Set([
  "Trunkline",
  "trunkline worker --queues",
  "company.team",
  "flows",
  "GIT_TOKEN",
  "team:data",
  "day: monday",
  "team:data, day:monday",
  "team:data, owner:ana",
]);

/** Operators of which either side may be what comes out. */
const EITHER = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.PlusToken,
]);

const hasWords = (text: string) =>
  /\p{L}{2,}/u.test(text.replace(/&\w+;/g, "")) && !SAME.has(text.trim()) && !(text in texts);

/** The literals that an expression may come out as; what it calls is left alone. */
function outcomes(node: ts.Node): ts.Node[] {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return [node];
  if (ts.isParenthesizedExpression(node)) return outcomes(node.expression);
  if (ts.isConditionalExpression(node)) {
    return [...outcomes(node.whenTrue), ...outcomes(node.whenFalse)];
  }
  if (!ts.isBinaryExpression(node)) return [];
  const { kind } = node.operatorToken;
  const left = EITHER.has(kind) ? outcomes(node.left) : [];
  return EITHER.has(kind) || kind === ts.SyntaxKind.AmpersandAmpersandToken
    ? [...left, ...outcomes(node.right)]
    : [];
}

function words(node: ts.Node): string {
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(" ");
  }
  return (node as ts.LiteralLikeNode).text;
}

/** `line: text` of each literal text that a source shows. */
function literals(source: string, name = "a.tsx"): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const tell = (node: ts.Node) => {
    if (!hasWords(words(node))) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${line + 1}: ${words(node).trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) tell(node);
    const { parent } = node;
    if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(parent)) {
      outcomes(node.expression).forEach(tell);
    }
    if (ts.isJsxAttribute(node) && READ.test(node.name.getText()) && node.initializer) {
      const value = node.initializer;
      const inner = ts.isJsxExpression(value) ? value.expression : value;
      if (inner) outcomes(inner).forEach(tell);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
const TEMPLATE = "<p>{isOld ? `${n} rows` : t('one')}</p>";

test.each([
  ["<p>Save now</p>", ["1: Save now"]],
  ['<p>{"Save now"}</p>', ["1: Save now"]],
  [TEMPLATE, ["1: rows"]],
  ['<p>{isOld && "Old"}</p>', ["1: Old"]],
  ['<input aria-label="Name" className="wide" />', ["1: Name"]],
  ['<input placeholder={isOld ? "Old" : t("new")} />', ["1: Old"]],
  ['<Field label="git.url" />', []],
  ['<p id="top">{t("top.title")} · {size}&nbsp;×</p>', []],
])("%s", (source, found) => {
  expect(literals(source)).toEqual(found);
});

test("no source shows a text of its own", () => {
  const folder = join(__dirname, "..");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = files
    .filter((name) => name.endsWith(".tsx") && !name.includes(".test."))
    .flatMap((name) =>
      literals(readFileSync(join(folder, name), "utf8")).map((one) => `${name}:${one}`),
    );

  expect(found).toEqual([]);
});
