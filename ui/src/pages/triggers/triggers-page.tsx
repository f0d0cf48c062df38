/** All triggers: when they start something next, and what holds them up. */

import { Button, Group, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { Trigger } from "../../api/types-more";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import { TRIGGER_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { usePageZone } from "../../design/zone";
import { type Key, t } from "../../i18n";
import { zoneOf } from "../../triggers/progress";
import { placeOf, triggerColumns, triggerKey } from "../../triggers/trigger-columns";
import { Calendar } from "./calendar";

/** `view` in the address: the list, or the calendar of `day` or `week`. */
export default function TriggersPage() {
  const [search, change] = useUrl();
  const view = search.view ?? "list";
  return (
    <Page
      title={t("nav.triggers")}
      actions={
        <SegmentedControl
          aria-label={t("triggers.view")}
          size="xs"
          value={view}
          onChange={(value) => change({ view: value === "list" ? undefined : value })}
          data={["list", "day", "week"].map((value) => ({
            value,
            label: t(`triggers.view.${value}` as Key),
          }))}
        />
      }
    >
      {view === "list" ? <List /> : <Calendar days={view === "week" ? 7 : 1} />}
    </Page>
  );
}

function List() {
  const filter = useFilter(TRIGGER_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Trigger>({
    key: ["triggers"],
    path: "/triggers/search",
    everyMs: 10_000,
    query: filter.query,
  });
  const zones = new Set((query.data?.results ?? []).map(zoneOf));
  usePageZone(zones.size === 1 ? [...zones][0] : undefined);
  const columns = useColumns("triggers", triggerColumns);
  const rows = query.data?.results.filter((row) => chosen.has(triggerKey(row))) ?? [];
  return (
    <>
      <FilterLine list="triggers" fields={TRIGGER_FIELDS}>
        <ColumnChoice list="triggers" all={triggerColumns} shown={columns} />
      </FilterLine>
      {rows.length > 0 && <Bulk rows={rows} onDone={() => setChosen(new Set())} />}
      <DataTable
        label={t("nav.triggers")}
        list="triggers"
        query={query}
        columns={columns}
        rowKey={triggerKey}
        empty={t(filter.isNarrowed ? "triggers.noneFits" : "triggers.empty")}
        selection={{ chosen, change: setChosen }}
      />
    </>
  );
}

type Count = { count: number };

function Bulk({ rows, onDone }: { rows: Trigger[]; onDone: () => void }) {
  const triggers = rows.map((row) => placeOf(row.state));
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
