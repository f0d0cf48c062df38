/** The runs of one task of a loop, by pages of the server; of one state where one is chosen. */

import { Group, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Execution, TaskRun } from "../../api/types";
import { type Column, DataTable } from "../../design/data-table";
import { useUrl } from "../../design/search";
import { hasEnded } from "../../design/state";
import { StateBadge } from "../../design/state-badge";
import { Duration, Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";

const columns = (place: string): Column<TaskRun>[] => [
  {
    id: "state",
    title: t("column.state"),
    cell: ({ state }) => <StateBadge state={state.current} />,
  },
  {
    id: "value",
    title: t("graph.iteration"),
    cell: (run) => (
      <Link
        to={`${place}/gantt` as never}
        search={{ run: run.id, turned: turnedFor(run) } as never}
      >
        {run.value ?? run.iteration ?? run.id.slice(0, 8)}
      </Link>
    ),
  },
  {
    id: "started",
    title: t("column.started"),
    cell: ({ state }) => <Moment at={state.startDate} />,
  },
  {
    id: "duration",
    title: t("column.duration"),
    cell: ({ state }) => <Duration from={state.startDate} to={state.endDate} />,
  },
];

/** Opens the row of the iterations in the Gantt. */
const turnedFor = ({ parentTaskRunId, taskId, iteration }: TaskRun) =>
  iteration === undefined ? undefined : `${parentTaskRunId ?? ""}*${taskId}`;

type Props = { execution: Execution; taskId: string };

export function RunList({ execution, taskId }: Props) {
  const [search, change] = useUrl();
  const { id, namespace, flowId, state } = execution;
  const states = [
    ...new Set(
      execution.taskRunList?.filter((run) => run.taskId === taskId).map((run) => run.state.current),
    ),
  ];
  const query = usePage<TaskRun>({
    key: ["taskruns", id, taskId],
    path: `/executions/${id}/taskruns`,
    everyMs: hasEnded(state.current) ? undefined : 2_000,
    query: { taskId, state: search.in },
  });
  return (
    <>
      <Group mb={8}>
        <Select
          label={t("column.state")}
          placeholder={t("filter.any")}
          clearable
          data={states}
          value={search.in ?? null}
          onChange={(value) => change({ in: value ?? undefined, page: undefined })}
        />
      </Group>
      <DataTable
        label={t("graph.runs", { task: taskId })}
        query={query}
        columns={columns(`/main/executions/${namespace}/${flowId}/${id}`)}
        rowKey={(run) => run.id}
        empty={t("related.nothing")}
      />
    </>
  );
}
