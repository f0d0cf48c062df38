/** The picture of an execution: its flow with the state of each task. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { hasEnded } from "../../design/state";
import { GraphView } from "../../graph/graph-view";
import { type GraphAnswer, pictureOf } from "../../graph/model";
import { t } from "../../i18n";

export function Topology({ execution }: { execution: Execution }) {
  const { id, namespace, flowId, state } = execution;
  const navigate = useNavigate();
  const query = useQuery<GraphAnswer>({
    queryKey: ["graph", id, state.current],
    placeholderData: (previous) => previous,
    refetchInterval: hasEnded(state.current) ? false : 1_000,
    queryFn: ({ signal }) => call("GET", `/executions/${id}/graph`, { signal }),
  });
  return (
    <Panel title={t("flow.topology")}>
      <Loaded query={query}>
        {(answer) => (
          <GraphView
            name={flowId}
            picture={pictureOf(answer)}
            onOpen={(box) =>
              navigate({
                to: `/main/executions/${namespace}/${flowId}/${id}/logs` as never,
                search: { task: box.title } as never,
              })
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}
