/** Everything that a binding owns, with what differs from Git and how to settle it. */

import { Button, Group, Select } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Page } from "../../api/types";
import type { Binding, Resource } from "../../api/types-more";
import { DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Sha } from "./git-tabs";
import { Difference, Items } from "./items";
import { Settle } from "./settle";
import { usePlan } from "./use-plan";

export function ResourcesTab({ binding }: { binding: Binding }) {
  const [search, change] = useUrl();
  const query = usePage<Resource>({
    key: ["resources", binding.name],
    path: `/gitops/bindings/${binding.name}/resources`,
    query: { q: search.q, state: search.standing },
    topic: "git",
  });
  return (
    <>
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
        <Select
          label={t("column.state")}
          placeholder={t("filter.any")}
          clearable
          data={["Synced", "OutOfSync", "Drifted", "Conflict", "Orphan", "Ignored", "Quarantined"]}
          value={search.standing ?? null}
          onChange={(value) => change({ standing: value ?? undefined, page: undefined })}
        />
      </Group>
      <Table binding={binding} query={query} isNarrowed={Boolean(search.q || search.standing)} />
      {search.item && <Chosen binding={binding} name={search.item} />}
      <Differences binding={binding} />
    </>
  );
}

type TableProps = {
  binding: Binding;
  query: UseQueryResult<Page<Resource>>;
  isNarrowed: boolean;
};

function Table({ binding, query, isNarrowed }: TableProps) {
  const [, change] = useUrl();
  return (
    <DataTable
      label={t("git.resources")}
      query={query}
      empty={t(isNarrowed ? "git.noneFits" : "git.noResources")}
      rowKey={(row) => `${row.kind} ${row.key}`}
      columns={[
        {
          id: "state",
          title: t("column.state"),
          cell: (row) => (
            <>
              <StateBadge state={row.state} />
              {row.ignored && <Ignored {...row.ignored} />}
            </>
          ),
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
          cell: (row) => (
            <Group gap={4} wrap="nowrap">
              <Settle binding={binding} item={row} />
            </Group>
          ),
        },
      ]}
    />
  );
}

/** Who has left a difference as it is, when and why. */
function Ignored({ by, at, reason }: NonNullable<Resource["ignored"]>) {
  return (
    <div className="muted lines">
      {t("git.ignoredBy", { by })} <Moment at={at} />
      {reason && <div>{reason}</div>}
    </div>
  );
}

/** All that differs, each with how it is settled; the plan that says so is made once and kept. */
function Differences({ binding }: { binding: Binding }) {
  const [search] = useUrl();
  const differs = binding.sync !== "Synced";
  const plan = usePlan(binding.name, differs);
  if (!differs) {
    return (
      <Panel title={t("git.differences")}>
        <p className="panel-body muted">{t("git.noItems")}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t("git.differences")}>
      <Loaded query={plan}>
        {(made) => (
          <Items
            items={(made.items ?? []).filter(({ diff }) => diff)}
            narrowed={{ text: search.q, state: search.standing }}
            actions={(item) => <Settle binding={binding} item={item} />}
          />
        )}
      </Loaded>
    </Panel>
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
