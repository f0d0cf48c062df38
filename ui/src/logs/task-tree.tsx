/** The tasks of an execution with their lines and errors; a click leaves the lines of one. */

import { t } from "../i18n";
import type { Node } from "./tree";

type Props = {
  nodes: Node[];
  total: number;
  chosen: string | undefined;
  onChoose: (taskId: string | undefined) => void;
};

export function TaskTree({ nodes, total, chosen, onChoose }: Props) {
  return (
    <nav className="log-tree" aria-label={t("logs.tasks")}>
      <ul>
        <li>
          <button
            type="button"
            aria-current={chosen === undefined}
            onClick={() => onChoose(undefined)}
          >
            <span>{t("logs.allTasks")}</span>
            <Count value={total} />
          </button>
        </li>
        {nodes.map(({ taskId, depth, lines, errors }) => (
          <li key={taskId}>
            <button
              type="button"
              aria-current={chosen === taskId}
              style={{ paddingInlineStart: 12 + 12 * depth }}
              onClick={() => onChoose(chosen === taskId ? undefined : taskId)}
            >
              <span className="mono" title={taskId}>
                {taskId}
              </span>
              {errors > 0 && (
                <strong className="log-errors">{t("logs.errors", { count: errors })}</strong>
              )}
              <Count value={lines} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const Count = ({ value }: { value: number }) => (
  <span className="muted">{t("logs.count", { count: value })}</span>
);
