/** The flows of exactly this namespace. */

import type { Flow } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { usePage } from "../../design/use-page";
import { useFlowColumns } from "../../flow-list/flow-columns";
import { t } from "../../i18n";

const NONE: Flow[] = [];

export function FlowsTab({ namespace }: { namespace: string }) {
  const query = usePage<Flow>({
    key: ["flows"],
    path: "/flows/search",
    query: { "filters[namespace][EQUALS]": namespace },
  });
  const columns = useFlowColumns(query.data?.results ?? NONE);
  return (
    <DataTable
      label={t("nav.flows")}
      query={query}
      columns={columns.filter(({ id }) => id !== "namespace")}
      rowKey={(flow) => flow.id}
      empty={t("namespace.noFlows")}
    />
  );
}
