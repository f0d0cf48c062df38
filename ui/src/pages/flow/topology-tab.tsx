/** The picture of a flow. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { GraphView } from "../../graph/graph-view";
import { type GraphAnswer, pictureOf } from "../../graph/model";
import { t } from "../../i18n";

export function TopologyTab({ flow }: { flow: Flow }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["graph", flow.namespace, flow.id, flow.revision],
    queryFn: ({ signal }) =>
      call<GraphAnswer>("GET", `/flows/${flow.namespace}/${flow.id}/graph`, { signal }),
  });
  return (
    <Panel title={t("flow.topology")}>
      <Loaded query={query}>
        {(answer) => (
          <GraphView
            name={flow.id}
            picture={pictureOf(answer)}
            onOpen={(box) => navigate({ to: `/main/plugins/${box.type}` as never })}
          />
        )}
      </Loaded>
    </Panel>
  );
}
