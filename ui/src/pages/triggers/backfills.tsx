/** The backfills that run or are held: how far each is, and what can be done to one, some or all. */

import { Progress } from "@mantine/core";
import { useState } from "react";
import type { Backfill, Trigger } from "../../api/types-more";
import type { Column } from "../../design/data-table";
import { DataTable } from "../../design/data-table";
import { TRIGGER_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { percentOf } from "../../triggers/progress";
import { triggerColumns, triggerKey } from "../../triggers/trigger-columns";
import { Bulk } from "./bulk";
import { ACTS } from "./many";

const shared = (...ids: string[]) => triggerColumns.filter(({ id }) => ids.includes(id));

const columns: Column<Trigger>[] = [
  ...shared("id", "flow", "namespace"),
  {
    id: "state",
    title: t("column.state"),
    cell: ({ state }) => <StateBadge state={state.backfill?.paused ? "PAUSED" : "RUNNING"} />,
  },
  {
    id: "progress",
    title: t("backfills.progress"),
    cell: ({ state: { backfill } }) => backfill && <Done backfill={backfill} />,
  },
  { id: "start", title: t("backfill.from"), cell: at("start") },
  { id: "at", title: t("backfills.at"), cell: at("currentDate") },
  { id: "end", title: t("backfill.to"), cell: at("end") },
  ...shared("actions"),
];

function at(name: "start" | "currentDate" | "end") {
  return ({ state: { backfill } }: Trigger) => <Moment at={backfill?.[name]} absolute />;
}

function Done({ backfill }: { backfill: Backfill }) {
  const percent = percentOf(backfill);
  const { order, concurrencyLimit: count } = backfill;
  const manner = [
    order === "NEWEST_FIRST" && t("backfill.order.NEWEST_FIRST"),
    count && t("backfills.atMost", { count }),
  ].filter(Boolean);
  return (
    <>
      <span>{t("backfills.percent", { percent })}</span>
      {manner.length > 0 && <span className="muted"> {manner.join(", ")}</span>}
      <Progress value={percent} size="xs" aria-label={t("backfills.progress")} />
    </>
  );
}

export function Backfills() {
  const filter = useFilter(TRIGGER_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const asked = { ...filter.query, "filters[backfill][EQUALS]": "true" };
  const query = usePage<Trigger>({
    key: ["triggers", "backfills"],
    path: "/triggers/search",
    everyMs: 5_000,
    query: asked,
  });
  const rows = query.data?.results.filter((row) => chosen.has(triggerKey(row))) ?? [];
  return (
    <>
      <FilterLine list="triggers" fields={TRIGGER_FIELDS} />
      {rows.length > 0 && (
        <Bulk
          rows={rows}
          total={query.data?.total ?? rows.length}
          query={asked}
          acts={ACTS.backfills}
          onDone={() => setChosen(new Set())}
        />
      )}
      <DataTable
        label={t("triggers.view.backfills")}
        query={query}
        columns={columns}
        rowKey={triggerKey}
        empty={t(filter.isNarrowed ? "backfills.noneFits" : "backfills.empty")}
        selection={{ chosen, change: setChosen }}
      />
    </>
  );
}
