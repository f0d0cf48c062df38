/** Why an execution failed: the task, its last error lines, and what changed since it went well. */

import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, TaskRun } from "../../api/types";
import { Panel } from "../../design/panel";
import { hasEnded } from "../../design/state";
import { t } from "../../i18n";
import { lastLines } from "./last-lines";
import { SinceSuccess } from "./since-success";
import { attemptOf, causeOf, exitCodeOf } from "./why";

const LINES = 8;
const MOST_SOUGHT = 120;

export function Why({ execution }: { execution: Execution }) {
  const run = causeOf(execution);
  const { current } = execution.state;
  if (!run || (hasEnded(current) && current === "SUCCESS")) return null;
  return <Cause execution={execution} run={run} />;
}

function Cause({ execution, run }: { execution: Execution; run: TaskRun }) {
  const place = `/main/executions/${execution.namespace}/${execution.flowId}/${execution.id}`;
  const errors = useErrors(run);
  const line = useErrorLine(run, errors.data?.lines.at(0)?.message);
  return (
    <Panel title={t("execution.why")}>
      <div className="panel-body">
        <p>{useCauseText(execution, run)}</p>
        {errors.data && errors.data.lines.length > 0 && (
          <pre className="mono error-lines">
            {errors.data.lines.map(({ message }) => message).join("\n")}
          </pre>
        )}
        <Group gap={16}>
          <Link
            to={`${place}/logs` as never}
            search={{ task: run.taskId, ...(line ? { line } : {}) } as never}
          >
            {t("execution.openLogError")}
          </Link>
          <Link to={`${place}/gantt` as never} search={{ run: run.id } as never}>
            {t("execution.openGantt")}
          </Link>
        </Group>
        <SinceSuccess execution={execution} />
      </div>
    </Panel>
  );
}

function useErrors(run: TaskRun) {
  const attempt = Math.max(0, (run.attempts?.length ?? 1) - 1);
  return useQuery({
    queryKey: ["why", run.id, attempt, run.state.current],
    queryFn: ({ signal }) => {
      const asked = { taskRunId: run.id, minLevel: "ERROR", attempt };
      return lastLines(run.executionId, asked, LINES, signal);
    },
  });
}

/** The number of the error's line among those of its task, counted from 1. */
function useErrorLine(run: TaskRun, message: string | undefined): number | undefined {
  const sought = message?.split("\n")[0]?.slice(0, MOST_SOUGHT);
  const found = useQuery({
    queryKey: ["whyLine", run.id, sought],
    enabled: Boolean(sought),
    queryFn: ({ signal }) =>
      call<{ lines: number[] }>("GET", `/logs/${run.executionId}/matches`, {
        signal,
        query: { taskId: run.taskId, q: sought, count: 5_000 },
      }),
  });
  const last = found.data?.lines.at(-1);
  return last === undefined ? undefined : last + 1;
}

function useCauseText({ namespace, flowId, flowRevision }: Execution, run: TaskRun): string {
  const task = useQuery({
    queryKey: ["task", namespace, flowId, flowRevision, run.taskId],
    retry: false,
    queryFn: ({ signal }) =>
      call<{ retry?: unknown }>("GET", `/flows/${namespace}/${flowId}/tasks/${run.taskId}`, {
        signal,
        query: { revision: flowRevision },
      }),
  });
  const [attempt, most] = attemptOf(run, task.data?.retry);
  const code = exitCodeOf(run);
  const name = run.value ? `${run.taskId} (${run.value})` : run.taskId;
  return [
    most
      ? t("execution.whyAttempt", { task: name, attempt, most })
      : t("execution.whyTask", { task: name, attempts: attempt }),
    code === undefined ? "" : t("execution.whyExit", { code }),
  ].join(" ");
}
