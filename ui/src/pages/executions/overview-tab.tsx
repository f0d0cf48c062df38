/** Why it failed, then what went in, what came out, and when its states changed. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, TaskRun } from "../../api/types";
import { Panel } from "../../design/panel";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import { Provenance } from "./provenance";

export function Overview({ execution }: { execution: Execution }) {
  const failed = execution.taskRunList?.filter((run) => run.state.current === "FAILED").at(-1);
  return (
    <>
      {failed && <Why execution={execution} run={failed} />}
      <Provenance execution={execution} />
      <Group title={t("execution.inputs")} values={execution.inputs} />
      <Group title={t("execution.trigger")} values={execution.trigger?.variables} />
      <Group title={t("execution.outputs")} values={execution.outputs} />
      <Panel title={t("execution.history")}>
        <table className="data">
          <tbody>
            {execution.state.histories.map((entry) => (
              <tr key={entry.date + entry.state}>
                <td>
                  <StateBadge state={entry.state} />
                </td>
                <td>
                  <Moment at={entry.date} absolute />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}

function Group({ title, values }: { title: string; values?: Record<string, unknown> }) {
  if (!values || Object.keys(values).length === 0) return null;
  return (
    <Panel title={title}>
      <div className="panel-body">
        <Values values={values} />
      </div>
    </Panel>
  );
}

type LogLine = { message?: string; level: string };

function Why({ execution, run }: { execution: Execution; run: TaskRun }) {
  const errors = useQuery({
    queryKey: ["why", execution.id, run.id],
    queryFn: () =>
      call<LogLine[]>("GET", `/logs/${execution.id}`, {
        query: { taskRunId: run.id, minLevel: "ERROR" },
      }),
  });
  const { namespace, flowId, id } = execution;
  return (
    <Panel title={t("execution.why")}>
      <div className="panel-body">
        <p>
          {t("execution.whyTask", { task: run.taskId, attempts: run.attempts?.length ?? 1 })}{" "}
          <Link to={`/main/executions/${namespace}/${flowId}/${id}/logs` as never}>
            {t("execution.openLog")}
          </Link>
        </p>
        <pre className="mono">
          {errors.data
            ?.slice(-8)
            .map((line) => line.message)
            .join("\n")}
        </pre>
      </div>
    </Panel>
  );
}
