/** All executions, newest first; the rows in view follow their executions and stay where they are. */

import { Button } from "@mantine/core";
import { ArrowUp } from "lucide-react";
import { type CSSProperties, useEffect, useMemo, useState } from "react";
import type { Execution } from "../../api/types";
import { Histogram } from "../../charts/histogram";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import {
  executionColumns,
  inputColumn,
  inputOf,
  moreColumns,
} from "../../design/execution-columns";
import { EXECUTION_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { sizeOf } from "../../design/page-size";
import { usePreferences } from "../../design/preferences";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Bulk } from "./bulk";
import "./executions-page.css";
import { longestOf, turnsOf, useLive } from "./live";
import { STATE_SERIES } from "./state-series";

const baseColumns = [...executionColumns, ...moreColumns];
const usual = [...executionColumns.map(({ id }) => id), "commit"];
/** How many inputs are offered as columns. */
const MOST_INPUTS = 40;

export default function ExecutionsPage() {
  const [search, change] = useUrl();
  const filter = useFilter(EXECUTION_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { older, newer } = search;
  const isBeside = older !== undefined || newer !== undefined;
  const isHead = !isBeside && !search.sort && (search.page ?? "1") === "1";
  const beside = isBeside && {
    olderThan: older,
    newerThan: newer,
    page: undefined,
    sort: undefined,
  };
  const asked = usePage<Execution>({
    key: ["executions"],
    path: "/executions/search",
    isStill: true,
    everyMs: 5_000,
    query: { ...filter.query, ...beside },
  });
  const isShort = (asked.data?.results.length ?? 0) < sizeOf(search);
  const isAtHead = newer !== undefined && isShort && asked.isSuccess && !asked.isPlaceholderData;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where nothing newer is left
  useEffect(() => {
    if (isAtHead) change(NO_PLACE);
  }, [isAtHead]);
  const { query, added } = useLive({ query: asked, filter: filter.query, isHead });
  const rows = query.data?.results ?? [];
  const ticked = rows.filter(({ id }) => chosen.has(id));
  const all = useInputColumns(rows);
  const columns = useColumns("executions", all, usual);
  const place = { page: Number(search.page ?? 1), size: sizeOf(search), isBeside };
  return (
    <Page
      title={t("nav.executions")}
      actions={<ColumnChoice list="executions" all={all} shown={columns} />}
    >
      <FilterLine list="executions" fields={EXECUTION_FIELDS} />
      <Histogram
        title={t("executions.chart")}
        list="executions"
        path="/executions/histogram"
        query={filter.query}
        series={STATE_SERIES}
        onRange={(from, to) => change({ ...NO_PLACE, ...NO_RANGE, from, to })}
      />
      {ticked.length > 0 && (
        <Bulk
          rows={ticked}
          total={isBeside ? 0 : (query.data?.total ?? 0)}
          filters={filter.filters}
          onDone={() => setChosen(new Set())}
        />
      )}
      <div
        className="rows-live"
        style={{ "--longest": longestOf(query.data, Date.now()) } as CSSProperties}
      >
        <span role="status">
          {added > 0 && (
            <Button
              variant="default"
              rightSection={<ArrowUp size={14} aria-hidden="true" />}
              onClick={() => void asked.refetch()}
            >
              {t("executions.newRows", { count: added })}
            </Button>
          )}
        </span>
        <DataTable
          label={t("nav.executions")}
          list="executions"
          query={query}
          columns={columns}
          rowKey={(execution) => execution.id}
          empty={t(filter.isNarrowed ? "executions.noneFits" : "executions.empty")}
          selection={{ chosen, change: setChosen }}
          turns={turnsOf(rows, { ...place, isSorted: search.sort !== undefined })}
        />
      </div>
    </Page>
  );
}

const NO_PLACE = { page: undefined, older: undefined, newer: undefined };
const NO_RANGE = {
  range: undefined,
  "filters[timeRange][EQUALS]": undefined,
  "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": undefined,
  "filters[endDate][LESS_THAN_OR_EQUAL_TO]": undefined,
};

/** All columns, with one for each input of the rows in view and each that somebody chose before. */
function useInputColumns(rows: readonly Execution[]) {
  const kept = usePreferences().columns?.executions;
  const chosen = (kept ?? []).flatMap((id) => inputOf(id) ?? []);
  const seen = rows.flatMap(({ inputs }) => Object.keys(inputs ?? {}));
  const key = [...new Set([...chosen, ...seen.sort()])].slice(0, MOST_INPUTS).join("\n");
  return useMemo(
    () => [...baseColumns, ...key.split("\n").filter(Boolean).map(inputColumn)],
    [key],
  );
}
