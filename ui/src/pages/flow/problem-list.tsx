/** What is wrong with a flow's text, one list; an entry leads to its line. */

import { Panel } from "../../design/panel";
import type { Problem } from "../../editor/problems";
import { t } from "../../i18n";

type Props = { problems: Problem[]; onGo: (line: number, column: number) => void };

export function ProblemList({ problems, onGo }: Props) {
  return (
    <Panel title={t("editor.problems", { count: problems.length })}>
      {problems.length === 0 ? (
        <p className="panel-body muted">{t("editor.noProblems")}</p>
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
