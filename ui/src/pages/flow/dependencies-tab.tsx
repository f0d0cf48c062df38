/** Flows that a flow calls or waits for, and those that call it or wait for it. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { GraphView } from "../../graph/graph-view";
import type { Picture } from "../../graph/model";
import { t } from "../../i18n";

type Answer = {
  nodes: { uid: string; namespace: string; id: string }[];
  edges: { source: string; target: string; relation?: string }[];
};

export function DependenciesTab({ flow }: { flow: Flow }) {
  const [search, change] = useUrl();
  const navigate = useNavigate();
  const far = search.far === "true";
  const query = useQuery({
    queryKey: ["dependencies", flow.namespace, flow.id, far],
    queryFn: ({ signal }) =>
      call<Answer>("GET", `/flows/${flow.namespace}/${flow.id}/dependencies`, {
        signal,
        query: { expandAll: far },
      }),
  });
  return (
    <Panel title={t("flow.dependencies")}>
      <div className="panel-body">
        <Button variant="default" onClick={() => change({ far: far ? undefined : "true" })}>
          {far ? t("dependencies.near") : t("dependencies.far")}
        </Button>
      </div>
      <Loaded
        query={query}
        isEmpty={({ nodes }) => nodes.length <= 1}
        empty={t("dependencies.none")}
      >
        {(answer) => (
          <GraphView
            picture={pictureOf(answer)}
            onOpen={({ uid }) => {
              const node = answer.nodes.find((one) => one.uid === uid);
              if (!node) return;
              const to = `/main/flows/edit/${node.namespace}/${node.id}/dependencies`;
              void navigate({ to: to as never });
            }}
          />
        )}
      </Loaded>
    </Panel>
  );
}

const pictureOf = ({ nodes, edges }: Answer): Picture => ({
  boxes: nodes.map(({ uid, namespace, id }) => ({
    uid,
    title: id,
    type: namespace.replaceAll(".", " / "),
    isGroup: false,
  })),
  lines: edges.map(({ source, target, relation }) => ({ source, target, label: relation })),
});
