/** What ran in exactly this namespace, the newest first. */

import type { Execution } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";

const columns = executionColumns.filter(({ id }) => id !== "namespace");

export function ExecutionsTab({ namespace }: { namespace: string }) {
  const query = usePage<Execution>({
    key: ["executions"],
    path: "/executions/search",
    everyMs: 5_000,
    query: { "filters[namespace][EQUALS]": namespace },
  });
  return (
    <DataTable
      label={t("nav.executions")}
      query={query}
      columns={columns}
      rowKey={(execution) => execution.id}
      empty={t("namespace.noExecutions")}
    />
  );
}
