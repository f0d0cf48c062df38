/** Flows that a flow calls or waits for, and those that call it or wait for it; one level after another. */

import { Button, Group } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { GraphView } from "../../graph/graph-view";
import type { Picture } from "../../graph/model";
import { t } from "../../i18n";
import { type Answer, joined, keyOf } from "./dependencies";

/** `open` in the address names the flows whose neighbours are shown too; `far`: of all of them. */
export function DependenciesTab({ flow }: { flow: Flow }) {
  const [search, change] = useUrl();
  const far = search.far === "true";
  const own = `${flow.namespace}/${flow.id}`;
  const open = (search.open ?? "").split("|").filter(Boolean);
  const shown = far ? [own] : [own, ...open];
  const queries = useQueries({
    queries: shown.map((name) => ({
      queryKey: ["dependencies", name, far],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<Answer>("GET", `/flows/${name}/dependencies`, { signal, query: { expandAll: far } }),
    })),
  });
  const [first] = queries;
  const expand = (name: string) => change({ open: [...new Set([...open, name])].join("|") });
  if (!first) return null;
  return (
    <Panel title={t("flow.dependencies")}>
      <Group className="panel-body" gap={8}>
        <Button
          variant="default"
          onClick={() => change({ far: far ? undefined : "true", open: undefined })}
        >
          {far ? t("dependencies.near") : t("dependencies.far")}
        </Button>
        {open.length > 0 && (
          <Button variant="default" onClick={() => change({ open: undefined })}>
            {t("dependencies.close")}
          </Button>
        )}
      </Group>
      <Loaded
        query={first}
        isEmpty={({ nodes }) => nodes.length <= 1}
        empty={t("dependencies.none")}
      >
        {() => {
          const answer = joined(queries.flatMap(({ data }) => (data ? [data] : [])));
          return (
            <>
              <GraphView
                picture={pictureOf(answer)}
                onOpen={({ uid }) => {
                  const node = answer.nodes.find((one) => one.uid === uid);
                  if (node) expand(keyOf(node));
                }}
              />
              <Neighbours answer={answer} open={shown} far={far} onExpand={expand} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type NeighboursProps = {
  answer: Answer;
  open: readonly string[];
  far: boolean;
  onExpand: (name: string) => void;
};

function Neighbours({ answer, open, far, onExpand }: NeighboursProps) {
  return (
    <SimpleTable
      label={t("flow.dependencies")}
      rows={answer.nodes}
      rowKey={(node) => node.uid}
      columns={[
        {
          id: "flow",
          title: t("column.flow"),
          cell: (node) => (
            <Link to={`/main/flows/edit/${keyOf(node)}/dependencies` as never}>{node.id}</Link>
          ),
        },
        { id: "namespace", title: t("column.namespace"), cell: (node) => node.namespace },
        {
          id: "act",
          title: t("column.actions"),
          cell: (node) =>
            !far &&
            !open.includes(keyOf(node)) && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t("dependencies.expand", { flow: node.id })}
                onClick={() => onExpand(keyOf(node))}
              >
                {t("dependencies.expandShort")}
              </Button>
            ),
        },
      ]}
    />
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
