/** What an execution was started by, what it started, and from what it was replayed. */

import { Link } from "@tanstack/react-router";
import type { Execution } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { Panel } from "../../design/panel";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { useExecution } from "./use-execution";

export function Related({ execution }: { execution: Execution }) {
  const { originalId, id, trigger } = execution;
  const caller = trigger?.variables?.executionId;
  const parentId = execution.parentId ?? (typeof caller === "string" ? caller : undefined);
  const query = usePage<Execution>({
    key: ["executions", "children", id],
    path: "/executions/search",
    topic: "list:executions",
    query: { "filters[triggerExecutionId][EQUALS]": id },
  });
  return (
    <>
      {(parentId || (originalId && originalId !== id)) && (
        <Panel title={t("related.from")}>
          <ul>
            {parentId && <Above id={parentId} label={t("related.parent")} />}
            {originalId && originalId !== id && (
              <Above id={originalId} label={t("related.original")} />
            )}
          </ul>
        </Panel>
      )}
      <DataTable
        label={t("related.children")}
        query={query}
        columns={executionColumns}
        rowKey={(row) => row.id}
        empty={t("related.none")}
      />
    </>
  );
}

function Above({ id, label }: { id: string; label: string }) {
  const { query } = useExecution(id);
  const found = query.data;
  if (!found) return <li className="mono">{id}</li>;
  return (
    <li>
      {label}:{" "}
      <Link to={`/main/executions/${found.namespace}/${found.flowId}/${id}/overview` as never}>
        {found.flowId} / {id.slice(0, 8)}
      </Link>
    </li>
  );
}
