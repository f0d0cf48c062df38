/** What is wrong with a text, one list; an entry leads to its line. */

import { Panel } from "../design/panel";
import { t } from "../i18n";
import "./problem-list.css";
import type { Problem } from "./problems";

type Props = {
  problems: Problem[];
  /** What is said where nothing is wrong. */
  none: string;
  onGo: (line: number, column: number) => void;
};

export function ProblemList({ problems, none, onGo }: Props) {
  return (
    <Panel title={t("editor.problems", { count: problems.length })}>
      {problems.length === 0 ? (
        <p className="panel-body muted">{none}</p>
      ) : (
        <ul className="problems">
          {problems.map((problem) => (
            <li key={`${problem.path}${problem.line}${problem.message}`}>
              <button
                type="button"
                className="plain"
                onClick={() => onGo(problem.line ?? 1, problem.column ?? 1)}
              >
                <span
                  style={{
                    color: `var(--${problem.severity === "error" ? "failed" : "warning"}-text)`,
                  }}
                >
                  {problem.severity === "error" ? "✕" : "▲"}
                </span>
                <span className="mono">
                  {problem.line ? `${problem.line}:${problem.column ?? 1}` : ""} {problem.path}
                </span>
                {problem.message}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
