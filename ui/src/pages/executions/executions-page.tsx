/** All executions, newest first; the rows in view follow their executions. */

import { Button, Group, Select } from "@mantine/core";
import { X } from "lucide-react";
import { useState } from "react";
import type { Execution } from "../../api/types";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import { executionColumns, moreColumns } from "../../design/execution-columns";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { SavedFilters } from "../../design/saved-filters";
import { useUrl } from "../../design/search";
import { STATES } from "../../design/state";
import { absoluteText } from "../../design/time";
import { usePage } from "../../design/use-page";
import { zone } from "../../design/zone";
import { t } from "../../i18n";
import { Bulk } from "./bulk";
import { FILTERS, filtersOf } from "./filters";

const allColumns = [...executionColumns, ...moreColumns];
const usual = [...executionColumns.map(({ id }) => id), "commit"];
const shortOf = (moment?: string) => (moment ? absoluteText(moment, zone()).slice(0, 16) : "…");

export default function ExecutionsPage() {
  const [search, change] = useUrl();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Execution>({
    key: ["executions"],
    path: "/executions/search",
    everyMs: 5_000,
    query: { ...filtersOf(search), sort: search.sort ?? "state.startDate:desc" },
  });
  const rows = query.data?.results.filter(({ id }) => chosen.has(id)) ?? [];
  const columns = useColumns("executions", allColumns, usual);
  const isNarrowed = FILTERS.some((name) => search[name]);
  return (
    <Page
      title={t("nav.executions")}
      actions={<ColumnChoice list="executions" all={allColumns} shown={columns} />}
    >
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <FilterBox name="flowId" label={t("column.flow")} />
        <FilterBox name="label" label={t("filter.label")} placeholder="team:data" />
        <Select
          label={t("filter.state")}
          placeholder={t("filter.any")}
          clearable
          data={[...STATES]}
          value={search.state ?? null}
          onChange={(state) => change({ state: state ?? undefined, page: undefined })}
        />
        <Chips />
        <SavedFilters list="executions" names={FILTERS} />
      </Group>
      {rows.length > 0 && (
        <Bulk rows={rows} total={query.data?.total ?? 0} onDone={() => setChosen(new Set())} />
      )}
      <DataTable
        label={t("nav.executions")}
        query={query}
        columns={columns}
        rowKey={(execution) => execution.id}
        empty={t(isNarrowed ? "executions.noneFits" : "executions.empty")}
        selection={{ chosen, change: setChosen }}
      />
    </Page>
  );
}

/** Filters that come from a link and have no box here: shown, and taken off. */
function Chips() {
  const [search, change] = useUrl();
  const { from, to, commit } = search;
  return (
    <>
      {(from || to) && (
        <Chip
          text={t("executions.range", { from: shortOf(from), to: shortOf(to) })}
          onOff={() => change({ from: undefined, to: undefined, page: undefined })}
        />
      )}
      {commit && (
        <Chip
          text={t("executions.ofCommit", { commit: commit.slice(0, 8) })}
          onOff={() => change({ commit: undefined, page: undefined })}
        />
      )}
    </>
  );
}

function Chip({ text, onOff }: { text: string; onOff: () => void }) {
  return (
    <Button variant="default" rightSection={<X size={14} aria-hidden="true" />} onClick={onOff}>
      {text}
    </Button>
  );
}
