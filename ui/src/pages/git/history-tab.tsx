/** The syncs of a binding, with who asked and what came of it. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding, Sync } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { Duration, Moment } from "../../design/time";
import { t } from "../../i18n";
import { Sha } from "./git-tabs";
import { Items } from "./items";
import { Counts } from "./plan-tab";

export function HistoryTab({ binding }: { binding: Binding }) {
  const [search] = useUrl();
  const query = useQuery({
    queryKey: ["syncs", binding.name],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      call<Page<Sync>>("GET", `/gitops/bindings/${binding.name}/history`, { signal }),
  });
  const chosen = query.data?.results.find((sync) => sync.id === search.sync);
  return (
    <>
      <Panel title={t("git.history")}>
        <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.noHistory")}>
          {(page) => <Table rows={page.results} />}
        </Loaded>
      </Panel>
      {chosen && (
        <Panel title={chosen.message ?? chosen.id}>
          <Items items={(chosen.items ?? []).filter((item) => item.action !== "NONE")} />
        </Panel>
      )}
    </>
  );
}

function Table({ rows }: { rows: Sync[] }) {
  const [, change] = useUrl();
  return (
    <SimpleTable
      label={t("git.history")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          id: "status",
          title: t("git.result"),
          cell: (row) => (
            <button type="button" className="plain" onClick={() => change({ sync: row.id })}>
              {row.status}
            </button>
          ),
        },
        { id: "to", title: t("git.commit"), cell: (row) => <Sha sha={row.toSha} /> },
        { id: "message", title: t("git.message"), cell: (row) => row.message?.split("\n")[0] },
        { id: "actor", title: t("git.actor"), cell: (row) => row.actor ?? row.reason },
        {
          id: "counts",
          title: t("git.counts"),
          cell: (row) => row.error ?? <Counts counts={row.counts ?? {}} />,
        },
        { id: "at", title: t("column.started"), cell: (row) => <Moment at={row.createdAt} /> },
        {
          id: "took",
          title: t("column.duration"),
          cell: (row) => <Duration from={row.createdAt} to={row.endedAt} />,
        },
        { id: "approve", title: t("column.actions"), cell: (row) => <Approve sync={row} /> },
      ]}
    />
  );
}

function Approve({ sync }: { sync: Sync }) {
  const act = useAct({
    act: () => call("POST", `/gitops/syncs/${sync.id}/approve`),
    done: () => t("git.approved"),
    stale: [["syncs"], ["binding"]],
  });
  if (sync.status !== "AWAITING_APPROVAL") return null;
  return (
    <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate()}>
      {t("git.approve")}
    </Button>
  );
}
