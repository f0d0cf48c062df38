/** The executions of one flow. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Execution, Flow, Page } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { sizeOf } from "../../design/page-size";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { RunGrid } from "./run-grid";

/** The run grid above the list. */
export function ExecutionsTab({ flow }: { flow: Flow }) {
  return (
    <>
      <RunGrid flow={flow} />
      <ExecutionList flow={flow} />
    </>
  );
}

export function ExecutionList({ flow }: { flow: Flow }) {
  const [search] = useUrl();
  const query = useQuery({
    queryKey: ["executions", flow.namespace, flow.id, search],
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", {
        signal,
        query: {
          "filters[namespace][EQUALS]": flow.namespace,
          "filters[flowId][EQUALS]": flow.id,
          sort: search.sort ?? "state.startDate:desc",
          page: search.page ?? 1,
          size: sizeOf(search),
        },
      }),
  });
  return (
    <DataTable
      label={t("nav.executions")}
      query={query}
      columns={executionColumns.filter((c) => !["flow", "namespace"].includes(c.id))}
      rowKey={(execution) => execution.id}
      empty={t("flow.neverRan")}
    />
  );
}
