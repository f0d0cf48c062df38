/** Two texts side by side, or one below the other; unchanged parts are folded. */

import { diffLines } from "diff";
import { useMemo } from "react";
import { t } from "../i18n";
import "./diff-view.css";

type Row = { left?: string; right?: string; kind: "same" | "changed" };

const AROUND = 3;

/** Pairs of lines: what was removed stands beside what was added in its place. */
export function pairsOf(left: string, right: string, ignoreSpace = false): Row[] {
  const rows: Row[] = [];
  const linesOf = (value: string) => value.replace(/\n$/, "").split("\n");
  const parts = diffLines(left, right, { ignoreWhitespace: ignoreSpace });
  for (let n = 0; n < parts.length; n++) {
    const part = parts[n];
    if (!part) continue;
    if (!part.added && !part.removed) {
      rows.push(
        ...linesOf(part.value).map((line): Row => ({ left: line, right: line, kind: "same" })),
      );
      continue;
    }
    const next = parts[n + 1];
    const removed = part.removed ? linesOf(part.value) : [];
    let added = part.added ? linesOf(part.value) : [];
    if (part.removed && next?.added) {
      added = linesOf(next.value);
      n += 1;
    }
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      rows.push({ left: removed[at], right: added[at], kind: "changed" });
    }
  }
  return rows;
}

/** Which rows are shown: all that changed, with a few around them. */
export function shownOf(rows: Row[]): (Row & { number: number })[] {
  const near = new Set<number>();
  rows.forEach((row, n) => {
    if (row.kind === "changed") for (let at = n - AROUND; at <= n + AROUND; at++) near.add(at);
  });
  return rows.map((row, number) => ({ ...row, number })).filter((row) => near.has(row.number));
}

type Props = {
  left: string;
  right: string;
  /** One below the other instead of side by side. */
  inline?: boolean;
  /** White space at the ends of a line makes no difference. */
  ignoreSpace?: boolean;
};

export function DiffView({ left, right, inline = false, ignoreSpace = false }: Props) {
  const rows = useMemo(
    () => shownOf(pairsOf(left, right, ignoreSpace)),
    [left, right, ignoreSpace],
  );
  if (rows.length === 0) return <p className="panel-body muted">{t("diff.same")}</p>;
  const Pair = inline ? Stacked : Beside;
  return (
    <div className="scroll-x">
      <table className="diff" data-inline={inline || undefined}>
        <tbody>
          {rows.map((row) => (
            <Pair key={row.number} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Beside({ row }: { row: Row }) {
  return (
    <tr data-kind={row.kind}>
      <Side text={row.left} mark={row.kind === "changed" ? "−" : ""} />
      <Side text={row.right} mark={row.kind === "changed" ? "+" : ""} />
    </tr>
  );
}

function Stacked({ row: { left, right, kind } }: { row: Row }) {
  if (kind === "same") {
    return (
      <tr data-kind={kind}>
        <Side text={left} mark="" />
      </tr>
    );
  }
  return (
    <>
      {left !== undefined && (
        <tr data-kind={kind}>
          <Side text={left} mark="−" />
        </tr>
      )}
      {right !== undefined && (
        <tr data-kind={kind}>
          <Side text={right} mark="+" />
        </tr>
      )}
    </>
  );
}

function Side({ text, mark }: { text?: string; mark: string }) {
  const isThere = text !== undefined;
  return (
    <td data-mark={isThere ? mark || undefined : undefined}>
      <span className="diff-mark">{isThere ? mark : ""}</span>
      {text}
    </td>
  );
}
