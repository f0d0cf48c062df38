/** What an execution that does not go on waits for, and since when. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Served } from "../../api/types";
import { Loaded } from "../../design/panel";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

type Wait = Served["Waiting"];

const EVERY_MS = 3_000;

export const useWaiting = (execution: Execution, enabled = true) =>
  useQuery({
    queryKey: ["waiting", execution.id, execution.state.current],
    enabled,
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call<Wait>("GET", `/executions/${execution.id}/waiting`, { signal }),
  });

export function Waiting({ execution }: { execution: Execution }) {
  const query = useWaiting(execution);
  return (
    <Loaded query={query} rows={1} isEmpty={({ cause }) => !cause} empty={t("waiting.none")}>
      {(wait) => <Told wait={wait} execution={execution} />}
    </Loaded>
  );
}

function Told({ wait, execution }: { wait: Wait; execution: Execution }) {
  const { namespace, flowId } = execution;
  return (
    <p className="waiting" role="status">
      {textOf(wait)} {wait.until && <Moment at={wait.until} absolute />}{" "}
      <span className="muted">{t("waiting.since")}</span> <Moment at={wait.since} />{" "}
      {wait.cause === "WORKER" && <Link to="/main/workers">{t("waiting.workers")}</Link>}
      {wait.cause === "SLOT" && (
        <Link to={`/main/flows/edit/${namespace}/${flowId}/concurrency` as never}>
          {t("waiting.slots")}
        </Link>
      )}
    </p>
  );
}

function textOf({ cause, taskId = "", queue = "", ...wait }: Wait): string {
  const { served, queuePaused, limit, running } = wait;
  switch (cause) {
    case "DATE":
      return t("waiting.date");
    case "SLOT":
      return t("waiting.slot", { limit: limit ?? 0, running: running ?? 0 });
    case "RETRY":
      return t("waiting.retry", { task: taskId });
    case "PAUSE":
      return taskId ? t("waiting.pause", { task: taskId }) : t("waiting.paused");
    default:
      if (queuePaused) return t("waiting.rests", { task: taskId, queue });
      return workerText(taskId, queue, served);
  }
}

/** A queue such as `script.gpu` is served by workers with that tag only. */
function workerText(task: string, queue: string, served: boolean | undefined): string {
  const [base = "", tag] = queue.split(/\.(.*)/);
  if (served) return t("waiting.busy", { task, queue });
  if (tag) return t("waiting.tag", { task, queue: base, tag });
  return t("waiting.worker", { task, queue });
}
