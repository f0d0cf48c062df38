/** The picture of an execution: its flow, with the states of its task runs as they come. */

import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { GraphView } from "../../graph/graph-view";
import { type Box, type GraphAnswer, type Picture, pictureOf, withRuns } from "../../graph/model";
import { t } from "../../i18n";
import { RunList } from "./run-list";

export function Topology({ execution }: { execution: Execution }) {
  const { id } = execution;
  // its revision is pinned: the picture is asked for once, states come with the execution
  const query = useQuery({
    queryKey: ["graph", id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) =>
      pictureOf(await call<GraphAnswer>("GET", `/executions/${id}/graph`, { signal })),
  });
  return (
    <Panel title={t("flow.topology")}>
      <Loaded query={query}>
        {(picture) => <Drawn execution={execution} picture={picture} />}
      </Loaded>
    </Panel>
  );
}

function Drawn({ execution, picture }: { execution: Execution; picture: Picture }) {
  const { id, namespace, flowId, taskRunList } = execution;
  const navigate = useNavigate();
  const [search, change] = useUrl();
  const live = useMemo(() => withRuns(picture, taskRunList ?? []), [picture, taskRunList]);
  const open = (box: Box) => {
    if (box.counts) return change({ runs: box.title });
    const to = `/main/executions/${namespace}/${flowId}/${id}/logs`;
    return navigate({ to: to as never, search: { task: box.title } as never });
  };
  const listed = search.runs;
  return (
    <>
      <GraphView name={flowId} picture={live} onOpen={open} />
      <Modal
        opened={listed !== undefined}
        onClose={() => change({ runs: undefined, page: undefined, in: undefined })}
        title={t("graph.runs", { task: listed ?? "" })}
        size="xl"
      >
        {listed !== undefined && <RunList execution={execution} taskId={listed} />}
      </Modal>
    </>
  );
}
