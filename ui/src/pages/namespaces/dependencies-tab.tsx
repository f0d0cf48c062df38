/** How the flows of a namespace call and wait for each other, and for those outside. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { GraphView } from "../../graph/graph-view";
import type { Picture } from "../../graph/model";
import { t } from "../../i18n";

type Answer = {
  nodes: { uid: string; namespace: string; id: string }[];
  edges: { source: string; target: string; relation?: string }[];
};

export function DependenciesTab({ namespace }: { namespace: string }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["dependencies", namespace],
    queryFn: ({ signal }) =>
      call<Answer>("GET", `/namespaces/${namespace}/dependencies`, { signal }),
  });
  return (
    <Panel title={t("flow.dependencies")}>
      <Loaded
        query={query}
        isEmpty={({ edges }) => edges.length === 0}
        empty={t("namespace.noDependencies")}
      >
        {(answer) => (
          <GraphView
            picture={pictureOf(answer, namespace)}
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

/** Only flows that hang together are drawn: those that stand alone are in the list of flows. */
function pictureOf({ nodes, edges }: Answer, own: string): Picture {
  const linked = new Set(edges.flatMap(({ source, target }) => [source, target]));
  return {
    boxes: nodes
      .filter(({ uid }) => linked.has(uid))
      .map(({ uid, namespace, id }) => ({
        uid,
        title: id,
        type: namespace === own ? "" : namespace.replaceAll(".", " / "),
        isGroup: false,
      })),
    lines: edges.map(({ source, target, relation }) => ({ source, target, label: relation })),
  };
}
