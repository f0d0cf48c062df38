/** How many executions of a flow run at once, which wait, and how one is let through. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Execution, Flow } from "../../api/types";
import { type Column, DataTable } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { usePage } from "../../design/use-page";
import { Values } from "../../design/values";
import { t } from "../../i18n";

const PLACE = new Set(["flow", "namespace", "labels"]);

export function ConcurrencyTab({ flow }: { flow: Flow }) {
  const limit = (flow as { concurrency?: Record<string, unknown> }).concurrency;
  const query = usePage<Execution>({
    key: ["executions", flow.namespace, flow.id, "slots"],
    path: "/executions/search",
    everyMs: 3_000,
    query: {
      "filters[namespace][EQUALS]": flow.namespace,
      "filters[flowId][EQUALS]": flow.id,
      "filters[state][IN]": "RUNNING,QUEUED,PAUSED,KILLING,RESTARTED",
    },
  });
  const columns: Column<Execution>[] = [
    ...executionColumns.filter(({ id }) => !PLACE.has(id)),
    { id: "act", title: t("column.actions"), cell: (row) => <LetThrough execution={row} /> },
  ];
  return (
    <>
      <Panel title={t("flow.concurrency")}>
        <div className="panel-body">
          {limit ? (
            <>
              <Slots flow={flow} limit={Number(limit.limit)} />
              <Values values={limit} />
            </>
          ) : (
            <p className="muted">{t("concurrency.none")}</p>
          )}
        </div>
      </Panel>
      <DataTable
        label={t("concurrency.live")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("concurrency.idle")}
      />
    </>
  );
}

const MOST_SLOTS = 100;

type Limits = { results: { namespace: string; flowId: string; running: number }[] };

/** How many of the slots are taken: what it says and, of a few, as boxes. */
function Slots({ flow: { namespace, id }, limit }: { flow: Flow; limit: number }) {
  const query = useQuery({
    queryKey: ["executions", namespace, id, "taken"],
    refetchInterval: 3_000,
    queryFn: ({ signal }) =>
      call<Limits>("GET", "/concurrency-limit/search", {
        signal,
        query: { namespace, flowId: id },
      }),
  });
  const [found] = query.data?.results ?? [];
  if (!found) return null;
  const { running } = found;
  return (
    <>
      <p>{t("concurrency.slots", { running, limit })}</p>
      {limit <= MOST_SLOTS && (
        <ul className="slots" aria-hidden="true">
          {Array.from({ length: limit }, (_, slot) => `slot-${slot}`).map((slot, n) => (
            <li key={slot} data-taken={n < running || undefined} />
          ))}
        </ul>
      )}
    </>
  );
}

function LetThrough({ execution }: { execution: Execution }) {
  const act = useAct({
    act: (path: string) => call("POST", `/executions/${execution.id}/${path}`),
    done: () => t("receipt.done"),
    stale: [["executions", execution.namespace, execution.flowId]],
  });
  if (execution.state.current !== "QUEUED") return null;
  return (
    <>
      <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate("unqueue")}>
        {t("concurrency.unqueue")}
      </Button>{" "}
      <Button
        size="compact-xs"
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate("force-run")}
      >
        {t("execution.forceRun")}
      </Button>
    </>
  );
}
