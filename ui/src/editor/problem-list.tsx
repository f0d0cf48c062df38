/** What is wrong with a text, one list; an entry leads to its line, and some can be mended at once. */

import { Button } from "@mantine/core";
import { useMemo } from "react";
import { Panel } from "../design/panel";
import { t } from "../i18n";
import { fixOf } from "./fixes";
import "./problem-list.css";
import type { Problem } from "./problems";

type ItemsProps = {
  problems: Problem[];
  /** What is said where nothing is wrong. */
  none: string;
  onGo: (line: number, column: number) => void;
  /** With the text, what can be mended is offered. */
  text?: string;
  onFix?: (problem: Problem) => void;
};

export function ProblemList(props: ItemsProps) {
  return (
    <Panel title={t("editor.problems", { count: props.problems.length })}>
      <ProblemItems {...props} />
    </Panel>
  );
}

export function ProblemItems({ problems, none, onGo, text, onFix }: ItemsProps) {
  const isMendable = onFix !== undefined && text !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: not with each key, which the list follows late
  const fixes = useMemo(
    () => new Map(isMendable ? problems.map((one) => [one, fixOf(one, text)]) : []),
    [problems, isMendable],
  );
  if (problems.length === 0) return <p className="panel-body muted">{none}</p>;
  return (
    <ul className="problems">
      {problems.map((problem) => {
        const fix = fixes.get(problem);
        return (
          <li key={`${problem.source}${problem.path}${problem.line}${problem.message}`}>
            <button
              type="button"
              className="plain"
              onClick={() => onGo(problem.line ?? 1, problem.column ?? 1)}
            >
              <Place problem={problem} />
              {problem.message}
              {problem.source === "schema" && <span className="muted">{t("editor.bySchema")}</span>}
            </button>
            {fix && (
              <Button size="compact-xs" variant="default" onClick={() => onFix?.(problem)}>
                {t(`editor.fix.${fix.name}`, { value: fix.value })}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Place({ problem: { severity, line, column, path } }: { problem: Problem }) {
  const isError = severity === "error";
  return (
    <>
      <span style={{ color: `var(--${isError ? "failed" : "warning"}-text)` }}>
        <span aria-hidden="true">{isError ? "✕" : "▲"}</span>
        <span className="visually-hidden">{t(isError ? "editor.error" : "editor.warning")}</span>
      </span>
      <span className="mono">
        {line ? `${line}:${column ?? 1}` : ""} {path}
      </span>
    </>
  );
}
