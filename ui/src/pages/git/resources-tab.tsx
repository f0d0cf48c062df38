/** Everything that a binding owns, with what differs from Git and how to settle it. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding, Resource } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { t } from "../../i18n";
import { Sha } from "./git-tabs";
import { Difference } from "./items";
import { usePlan } from "./use-plan";

const MOST = 500;

export function ResourcesTab({ binding }: { binding: Binding }) {
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["resources", binding.name],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      call<Page<Resource>>("GET", `/gitops/bindings/${binding.name}/resources`, { signal }),
  });
  const fits = (row: Resource) =>
    (!search.standing || row.state === search.standing) &&
    (!search.q || row.key.toLowerCase().includes(search.q.toLowerCase()));
  return (
    <>
      <Group>
        <TextInput
          label={t("filter.text")}
          type="search"
          value={search.q ?? ""}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
        <Select
          label={t("column.state")}
          placeholder={t("filter.any")}
          clearable
          data={["Synced", "OutOfSync", "Drifted", "Conflict", "Orphan", "Quarantined"]}
          value={search.standing ?? null}
          onChange={(value) => change({ standing: value ?? undefined })}
        />
      </Group>
      <Panel title={t("git.resources")}>
        <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.noResources")}>
          {(page) => <Table binding={binding} rows={page.results.filter(fits)} all={page.total} />}
        </Loaded>
      </Panel>
      {search.item && <Chosen binding={binding} name={search.item} />}
    </>
  );
}

type TableProps = { binding: Binding; rows: Resource[]; all: number };

function Table({ binding, rows, all }: TableProps) {
  const [, change] = useUrl();
  const shown = rows.slice(0, MOST);
  return (
    <>
      <SimpleTable
        label={t("git.resources")}
        rows={shown}
        rowKey={(row) => `${row.kind} ${row.key}`}
        columns={[
          {
            id: "state",
            title: t("column.state"),
            cell: (row) => <StateBadge state={row.state} />,
          },
          { id: "kind", title: t("git.kind"), cell: (row) => row.kind.toLowerCase() },
          {
            id: "key",
            title: t("column.id"),
            cell: (row) => (
              <button type="button" className="plain" onClick={() => change({ item: row.key })}>
                {row.key}
              </button>
            ),
          },
          {
            id: "path",
            title: t("git.path"),
            cell: (row) => <span className="mono">{row.path}</span>,
          },
          { id: "commit", title: t("git.commit"), cell: (row) => <Sha sha={row.commit} /> },
          {
            id: "settle",
            title: t("column.actions"),
            cell: (row) => <Settle binding={binding} row={row} />,
          },
        ]}
      />
      <p className="panel-body muted">{t("git.shown", { shown: shown.length, all })}</p>
    </>
  );
}

function Settle({ binding, row }: { binding: Binding; row: Resource }) {
  const below = `/gitops/bindings/${binding.name}`;
  const act = useAct({
    act: (what: string) =>
      call("POST", `${below}/${what}`, { json: { keys: [{ kind: row.kind, key: row.key }] } }),
    done: () => t("git.settled"),
    stale: [["resources", binding.name], ["plan"], ["binding", binding.name], ["bindings"]],
  });
  return (
    <Group gap={4} wrap="nowrap">
      {row.state !== "Synced" && (
        <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate("take")}>
          {t("git.take")}
        </Button>
      )}
      <Confirm
        title={t("git.release")}
        text={t("git.releaseText", { name: row.key })}
        action={t("git.release")}
        onConfirm={() => act.mutate("release")}
      >
        {(open) => (
          <Button size="compact-xs" variant="default" onClick={open}>
            {t("git.release")}
          </Button>
        )}
      </Confirm>
    </Group>
  );
}

/** What differs at one resource; the plan that says so is made once and kept. */
function Chosen({ binding, name }: { binding: Binding; name: string }) {
  const [, change] = useUrl();
  const plan = usePlan(binding.name, true);
  return (
    <Panel title={name}>
      <Loaded query={plan}>
        {(made) => {
          const item = made.items?.find((one) => one.key === name);
          return item?.diff ? (
            <Difference diff={item.diff} />
          ) : (
            <p className="panel-body muted">{t("diff.same")}</p>
          );
        }}
      </Loaded>
      <Group className="panel-body">
        <Button variant="default" onClick={() => change({ item: undefined })}>
          {t("git.close")}
        </Button>
      </Group>
    </Panel>
  );
}
