/** The syncs of a binding, with who asked and what came of it. */

import { Button } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding, Sync } from "../../api/types-more";
import { partOf } from "../../changes/use-sync";
import { Confirm } from "../../design/confirm";
import { DataTable } from "../../design/data-table";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { Duration, Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Sha } from "./git-tabs";
import { Items } from "./items";
import { Counts } from "./plan-tab";

export function HistoryTab({ binding }: { binding: Binding }) {
  const [search] = useUrl();
  const query = usePage<Sync>({
    key: ["syncs", binding.name],
    path: `/gitops/bindings/${binding.name}/history`,
    topic: "git",
  });
  return (
    <>
      <Table binding={binding} query={query} />
      {search.sync && <Chosen id={search.sync} />}
    </>
  );
}

/** What one sync changed: its differences come with it, not with the list. */
function Chosen({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["syncs", "one", id],
    queryFn: ({ signal }) => call<Sync>("GET", `/gitops/syncs/${id}`, { signal }),
  });
  return (
    <Panel title={query.data?.message?.split("\n")[0] ?? t("git.changed")}>
      <Loaded query={query}>
        {({ items = [] }) => <Items items={items.filter(({ action }) => action !== "NONE")} />}
      </Loaded>
    </Panel>
  );
}

type TableProps = { binding: Binding; query: UseQueryResult<Page<Sync>> };

function Table({ binding, query }: TableProps) {
  const [, change] = useUrl();
  return (
    <DataTable
      label={t("git.history")}
      query={query}
      empty={t("git.noHistory")}
      rowKey={(row) => row.id}
      columns={[
        {
          id: "status",
          title: t("git.result"),
          cell: (row) => (
            <button type="button" className="plain" onClick={() => change({ sync: row.id })}>
              <StateBadge state={row.status} />
            </button>
          ),
        },
        { id: "to", title: t("git.commit"), cell: (row) => <Sha sha={row.toSha} /> },
        { id: "message", title: t("git.message"), cell: (row) => row.message?.split("\n")[0] },
        { id: "actor", title: t("git.actor"), cell: (row) => row.actor ?? row.reason },
        {
          id: "counts",
          title: t("git.counts"),
          cell: (row) =>
            row.error ? (
              <span className="lines">{row.error}</span>
            ) : (
              <>
                {row.part && <>{t("git.part", partOf(row))} </>}
                <Counts counts={row.counts ?? {}} />
              </>
            ),
        },
        { id: "at", title: t("column.started"), cell: (row) => <Moment at={row.createdAt} /> },
        {
          id: "took",
          title: t("column.duration"),
          cell: (row) => <Duration from={row.createdAt} to={row.endedAt} />,
        },
        {
          id: "approve",
          title: t("column.actions"),
          cell: (row) => (
            <>
              <Approve sync={row} />
              <RollBack binding={binding} sync={row} />
            </>
          ),
        },
      ]}
    />
  );
}

function Approve({ sync }: { sync: Sync }) {
  const act = useAct({
    act: () => call("POST", `/gitops/syncs/${sync.id}/approve`),
    done: () => t("git.approved"),
    stale: [["syncs"], ["binding"], ["bindings"], ["resources"], ["plan"]],
  });
  if (sync.status !== "AWAITING_APPROVAL") return null;
  return (
    <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate()}>
      {t("git.approve")}
    </Button>
  );
}

/** Back to what a sync brought: the binding is held at its commit until it is let go. */
function RollBack({ binding, sync }: { binding: Binding; sync: Sync }) {
  const { toSha: sha, status } = sync;
  const pin = useAct({
    act: () =>
      call("POST", `/gitops/bindings/${binding.name}/pin`, {
        json: { sha, reason: t("git.rollBackReason"), autoUnpin: true },
      }),
    done: () => t("git.pinDone"),
    stale: [["syncs"], ["binding", binding.name], ["bindings"], ["resources"], ["plan"]],
  });
  if (status !== "SUCCEEDED" || !sha || sha === binding.appliedSha) return null;
  return (
    <Confirm
      title={t("git.rollBack")}
      text={t("git.rollBackText", { name: binding.name, sha: sha.slice(0, 8) })}
      action={t("git.rollBack")}
      onConfirm={() => pin.mutate()}
    >
      {(open) => (
        <Button size="compact-xs" variant="default" loading={pin.isPending} onClick={open}>
          {t("git.rollBack")}
        </Button>
      )}
    </Confirm>
  );
}
