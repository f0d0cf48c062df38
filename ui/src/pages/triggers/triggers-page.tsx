/** All triggers: when they start something next, and what holds them up. */

import { Badge, Button, Group, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import type { Trigger, TriggerState } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { TriggerActions } from "./trigger-actions";

const place = ({ namespace, flowId, triggerId }: TriggerState) => ({
  namespace,
  flowId,
  triggerId,
});
const keyOf = ({ state }: Trigger) => `${state.namespace}/${state.flowId}/${state.triggerId}`;

const columns: Column<Trigger>[] = [
  { id: "id", title: t("column.trigger"), sort: "triggerId", cell: (row) => row.state.triggerId },
  {
    id: "flow",
    title: t("column.flow"),
    sort: "flowId",
    cell: ({ state }) => (
      <Link to={`/main/flows/edit/${state.namespace}/${state.flowId}/overview` as never}>
        {state.flowId}
      </Link>
    ),
  },
  {
    id: "namespace",
    title: t("column.namespace"),
    sort: "namespace",
    cell: (row) => row.state.namespace,
  },
  {
    id: "type",
    title: t("column.type"),
    cell: ({ trigger }) => (
      <Link className="mono" title={trigger.type} to={`/main/plugins/${trigger.type}` as never}>
        {trigger.type.split(".").at(-1)}
      </Link>
    ),
  },
  {
    id: "next",
    title: t("column.next"),
    sort: "nextExecutionDate",
    cell: (row) => <Moment at={row.state.nextExecutionDate} />,
  },
  {
    id: "last",
    title: t("triggers.last"),
    sort: "lastTriggeredDate",
    cell: (row) => <Moment at={row.state.lastTriggeredDate} />,
  },
  { id: "state", title: t("column.state"), cell: ({ state }) => <Standing state={state} /> },
  { id: "actions", title: t("column.actions"), cell: (row) => <TriggerActions row={row} /> },
];

function Standing({ state }: { state: TriggerState }) {
  return (
    <Group gap={4}>
      {state.disabled && (
        <Badge variant="outline" color="gray">
          {t("flows.disabled")}
        </Badge>
      )}
      {state.locked && <Badge variant="outline">{t("triggers.locked")}</Badge>}
      {state.backfill && (
        <Badge variant="outline">
          {state.backfill.paused ? t("triggers.backfillPaused") : t("triggers.backfilling")}
        </Badge>
      )}
    </Group>
  );
}

export default function TriggersPage() {
  const [search, change] = useUrl();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Trigger>({
    key: ["triggers"],
    path: "/triggers/search",
    everyMs: 10_000,
    query: {
      q: search.q,
      namespace: search.namespace,
      "filters[triggerState][EQUALS]": search.standing,
    },
  });
  const rows = query.data?.results.filter((row) => chosen.has(keyOf(row))) ?? [];
  return (
    <Page title={t("nav.triggers")}>
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <Select
          label={t("column.state")}
          placeholder={t("filter.any")}
          clearable
          data={[
            { value: "ENABLED", label: t("triggers.enabled") },
            { value: "DISABLED", label: t("flows.disabled") },
          ]}
          value={search.standing ?? null}
          onChange={(value) => change({ standing: value ?? undefined, page: undefined })}
        />
        {rows.length > 0 && <Bulk rows={rows} onDone={() => setChosen(new Set())} />}
      </Group>
      <DataTable
        label={t("nav.triggers")}
        query={query}
        columns={columns}
        rowKey={keyOf}
        empty={t("triggers.empty")}
        selection={{ chosen, change: setChosen }}
      />
    </Page>
  );
}

type Count = { count: number };

function Bulk({ rows, onDone }: { rows: Trigger[]; onDone: () => void }) {
  const triggers = rows.map((row) => place(row.state));
  const done = ({ count }: Count) => {
    onDone();
    return t("triggers.bulkDone", { done: count, asked: rows.length });
  };
  const stale = [["triggers"]];
  const disable = useAct({
    act: (disabled: boolean) =>
      call<Count>("POST", "/triggers/set-disabled/by-triggers", { json: { triggers, disabled } }),
    done,
    stale,
  });
  const unlock = useAct({
    act: () => call<Count>("POST", "/triggers/unlock/by-triggers", { json: triggers }),
    done,
    stale,
  });
  const busy = disable.isPending || unlock.isPending;
  return (
    <Group gap={8}>
      <span className="muted">{t("table.selected", { count: rows.length })}</span>
      <Button variant="default" disabled={busy} onClick={() => disable.mutate(false)}>
        {t("triggers.enable")}
      </Button>
      <Button variant="default" disabled={busy} onClick={() => disable.mutate(true)}>
        {t("triggers.disable")}
      </Button>
      <Button variant="default" disabled={busy} onClick={() => unlock.mutate()}>
        {t("triggers.unlock")}
      </Button>
    </Group>
  );
}
