/** All triggers: when they start something next, and what holds them up. */

import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { Trigger } from "../../api/types-more";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import { TRIGGER_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { usePageZone } from "../../design/zone";
import { type Key, t } from "../../i18n";
import { zoneOf } from "../../triggers/progress";
import { triggerKey, useTriggerColumns } from "../../triggers/trigger-columns";
import { Backfills } from "./backfills";
import { Bulk } from "./bulk";
import { Calendar } from "./calendar";
import { ACTS } from "./many";

/** `view` in the address: the list, the calendar of `day` or `week`, or the `backfills` that run. */
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
          onChange={(value) =>
            change({ view: value === "list" ? undefined : value, page: undefined })
          }
          data={["list", "day", "week", "backfills"].map((value) => ({
            value,
            label: t(`triggers.view.${value}` as Key),
          }))}
        />
      }
    >
      {view === "list" && <List />}
      {view === "backfills" && <Backfills />}
      {(view === "day" || view === "week") && <Calendar days={view === "week" ? 7 : 1} />}
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
  const all = useTriggerColumns(query.data?.results ?? []);
  const columns = useColumns("triggers", all);
  const rows = query.data?.results.filter((row) => chosen.has(triggerKey(row))) ?? [];
  return (
    <>
      <FilterLine list="triggers" fields={TRIGGER_FIELDS}>
        <ColumnChoice list="triggers" all={all} shown={columns} />
      </FilterLine>
      {rows.length > 0 && (
        <Bulk
          rows={rows}
          total={query.data?.total ?? rows.length}
          query={filter.query}
          acts={ACTS.list}
          onDone={() => setChosen(new Set())}
        />
      )}
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
