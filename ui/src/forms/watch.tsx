/** An execution that was just started, watched until its end without leaving the page. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../api/client";
import type { Execution } from "../api/types";
import { hasEnded } from "../design/state";
import { StateBadge } from "../design/state-badge";
import { t } from "../i18n";

const EVERY_MS = 1_000;
const LINES = 20;

type Lines = { total: number; lines: { index: number; level: string; message: string }[] };

export function Watch({ execution }: { execution: Execution }) {
  const { id, namespace, flowId } = execution;
  const query = useQuery({
    queryKey: ["watch", id],
    initialData: execution,
    refetchInterval: ({ state }) =>
      state.data && hasEnded(state.data.state.current) ? false : EVERY_MS,
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  const { state, taskRunList = [] } = query.data;
  const isOver = hasEnded(state.current);
  return (
    <section className="panel" aria-label={t("watch.label")} aria-live="polite">
      <div className="panel-body">
        <StateBadge state={state.current} />{" "}
        <Link to={`/main/executions/${namespace}/${flowId}/${id}/overview` as never}>{id}</Link>
        <ul className="watch-tasks">
          {taskRunList.map((run) => (
            <li key={run.id}>
              <StateBadge state={run.state.current} /> {run.taskId}
            </li>
          ))}
        </ul>
        <LastLines id={id} isOver={isOver} />
      </div>
    </section>
  );
}

/** The end of its log. */
function LastLines({ id, isOver }: { id: string; isOver: boolean }) {
  const query = useQuery({
    queryKey: ["watch", id, "lines", isOver],
    refetchInterval: isOver ? false : EVERY_MS,
    queryFn: async ({ signal }) => {
      const path = `/logs/${id}/lines`;
      const { total } = await call<Lines>("GET", path, { signal, query: { from: 0, count: 1 } });
      const from = Math.max(0, total - LINES);
      return call<Lines>("GET", path, { signal, query: { from, count: LINES } });
    },
  });
  const lines = query.data?.lines ?? [];
  if (lines.length === 0) return null;
  return <pre className="mono watch-lines">{lines.map(lineText).join("\n")}</pre>;
}

const lineText = ({ level, message }: Lines["lines"][number]) => `${level} ${message}`;
