/** An execution by its id, as a link with its flow and state once they are known. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { StateBadge } from "../../design/state-badge";
import { executionKey } from "./use-execution";

export function ExecutionLink({ id }: { id: string }) {
  const { data: found } = useQuery({
    queryKey: executionKey(id),
    retry: false,
    staleTime: 10_000,
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${id}`, { signal }),
  });
  if (!found) return <span className="mono">{id}</span>;
  return (
    <>
      <Link to={`/main/executions/${found.namespace}/${found.flowId}/${id}/overview` as never}>
        {found.flowId} / {id.slice(0, 8)}
      </Link>{" "}
      <StateBadge state={found.state.current} />
    </>
  );
}
