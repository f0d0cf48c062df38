/** What runs on workers now, with the way to its execution and the means to end it. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { WorkerJob } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { Duration } from "../../design/time";
import { t } from "../../i18n";

const SHOWN = 50;

export function Jobs({ jobs }: { jobs: readonly WorkerJob[] }) {
  return (
    <Panel title={t("workers.jobs")}>
      {jobs.length === 0 ? (
        <p className="panel-body muted">{t("workers.noJobs")}</p>
      ) : (
        <SimpleTable<WorkerJob>
          label={t("workers.running")}
          rows={jobs.slice(0, SHOWN)}
          rowKey={(row) => row.taskRunId}
          columns={[
            { id: "task", title: t("workers.task"), cell: (row) => <TaskLink job={row} /> },
            {
              id: "flow",
              title: t("column.flow"),
              cell: (row) => `${row.namespace} / ${row.flowId}`,
            },
            { id: "queue", title: t("workers.queue"), cell: (row) => row.queue },
            { id: "worker", title: t("workers.worker"), cell: (row) => row.worker ?? "–" },
            { id: "attempt", title: t("workers.attempt"), cell: (row) => row.attempt },
            {
              id: "since",
              title: t("column.duration"),
              cell: (row) => <Duration from={row.createdAt} />,
            },
            { id: "do", title: t("column.actions"), cell: (row) => <Revoke job={row} /> },
          ]}
        />
      )}
      {jobs.length > SHOWN && (
        <p className="panel-body muted">{t("workers.moreJobs", { count: jobs.length - SHOWN })}</p>
      )}
    </Panel>
  );
}

function TaskLink({ job: { namespace, flowId, executionId, taskId } }: { job: WorkerJob }) {
  return (
    <Link to={`/main/executions/${namespace}/${flowId}/${executionId}/gantt` as never}>
      {taskId}
    </Link>
  );
}

/** A job is revoked by killing its execution: else recovery would have it run again. */
function Revoke({ job: { executionId, taskId, flowId } }: { job: WorkerJob }) {
  const kill = useAct({
    act: () => call("DELETE", `/executions/${executionId}/kill`),
    done: () => t("receipt.done"),
    stale: [["jobs"]],
  });
  return (
    <Confirm
      title={t("workers.revoke")}
      text={t("workers.revokeText", { task: taskId, flow: flowId, id: executionId })}
      action={t("workers.revoke")}
      onConfirm={() => kill.mutate()}
    >
      {(open) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t("workers.revokeOne", { task: taskId })}
          loading={kill.isPending}
          onClick={open}
        >
          {t("workers.revoke")}
        </Button>
      )}
    </Confirm>
  );
}
