/** All executions, newest first; the rows in view follow their executions. */

import { useState } from "react";
import type { Execution } from "../../api/types";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import { executionColumns, moreColumns } from "../../design/execution-columns";
import { EXECUTION_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Bulk } from "./bulk";

const allColumns = [...executionColumns, ...moreColumns];
const usual = [...executionColumns.map(({ id }) => id), "commit"];

export default function ExecutionsPage() {
  const [search] = useUrl();
  const filter = useFilter(EXECUTION_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Execution>({
    key: ["executions"],
    path: "/executions/search",
    everyMs: 5_000,
    query: { ...filter.query, sort: search.sort ?? "state.startDate:desc" },
  });
  const rows = query.data?.results.filter(({ id }) => chosen.has(id)) ?? [];
  const columns = useColumns("executions", allColumns, usual);
  return (
    <Page
      title={t("nav.executions")}
      actions={<ColumnChoice list="executions" all={allColumns} shown={columns} />}
    >
      <FilterLine list="executions" fields={EXECUTION_FIELDS} />
      {rows.length > 0 && (
        <Bulk
          rows={rows}
          total={query.data?.total ?? 0}
          filters={filter.filters}
          onDone={() => setChosen(new Set())}
        />
      )}
      <DataTable
        label={t("nav.executions")}
        list="executions"
        query={query}
        columns={columns}
        rowKey={(execution) => execution.id}
        empty={t(filter.isNarrowed ? "executions.noneFits" : "executions.empty")}
        selection={{ chosen, change: setChosen }}
      />
    </Page>
  );
}
