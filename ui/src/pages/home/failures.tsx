/** Flows that fail now: why, since when, whose they are; several are restarted at once. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import type { FailingFlow } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { since } from "./since";

const SHOWN = 10;

export function Failures({ hours }: { hours: number }) {
  const query = useQuery({
    queryKey: ["failing", hours],
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<FailingFlow[]>("GET", "/executions/failing", {
        signal,
        query: { startDate: since(hours) },
      }),
  });
  return (
    <Panel title={t("home.failures")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("home.noFailures")}>
        {(rows) => <Table rows={rows} />}
      </Loaded>
    </Panel>
  );
}

const idOf = ({ execution }: FailingFlow) => execution.id;

function Table({ rows }: { rows: FailingFlow[] }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const shown = rows.slice(0, SHOWN);
  const ids = rows.map(idOf).filter((id) => chosen.has(id));
  const restart = useRestart(() => setChosen(new Set()));
  const flip = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      <SimpleTable
        label={t("home.failures")}
        rows={shown}
        rowKey={idOf}
        columns={[
          {
            id: "choose",
            title: "",
            cell: (row) => (
              <input
                type="checkbox"
                aria-label={t("table.select", { name: row.execution.flowId })}
                checked={chosen.has(idOf(row))}
                onChange={() => flip(idOf(row))}
              />
            ),
          },
          { id: "flow", title: t("column.flow"), cell: (row) => <Leading row={row} /> },
          {
            id: "since",
            title: t("home.since"),
            cell: (row) => (
              <>
                <Moment at={row.since} /> <span className="muted">× {row.failures}</span>
              </>
            ),
          },
          { id: "owner", title: t("home.owner"), cell: ownerOf },
        ]}
      />
      <Group className="panel-body" gap={8}>
        <Button
          variant="default"
          disabled={ids.length === 0}
          loading={restart.isPending}
          onClick={() => restart.mutate(ids)}
        >
          {t("home.restart", { count: ids.length })}
        </Button>
        <Button
          variant="subtle"
          onClick={() => setChosen(new Set(ids.length === shown.length ? [] : shown.map(idOf)))}
        >
          {t(ids.length === shown.length ? "home.chooseNone" : "home.chooseAll")}
        </Button>
        {rows.length > SHOWN && (
          <Link to={"/main/executions" as never} search={{ state: "FAILED" } as never}>
            {t("home.moreFailures", { count: rows.length - SHOWN })}
          </Link>
        )}
      </Group>
    </>
  );
}

function useRestart(onDone: () => void) {
  return useAct({
    act: (ids: string[]) =>
      call<{ count: number }>("POST", "/executions/restart/by-ids", { json: ids }),
    done: ({ count }) => {
      onDone();
      return t("home.restarted", { count });
    },
    stale: [["failing"], ["summary"], ["executions"]],
  });
}

/** The label `owner` of an execution, or else `team`. */
export const ownerOf = ({ execution: { labels } }: FailingFlow): string | undefined =>
  (labels.find(({ key }) => key === "owner") ?? labels.find(({ key }) => key === "team"))?.value;

function Leading({ row: { execution, taskId, error } }: { row: FailingFlow }) {
  const { namespace, flowId, id, state } = execution;
  return (
    <span className="wrapped">
      <StateBadge state={state.current} />{" "}
      <Link to={`/main/executions/${namespace}/${flowId}/${id}/overview` as never}>{flowId}</Link>{" "}
      <span className="muted">
        {namespace}
        {taskId && ` · ${taskId}`}
      </span>
      {error && <code className="failing-line">{error}</code>}
    </span>
  );
}
