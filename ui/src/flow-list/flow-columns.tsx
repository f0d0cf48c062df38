/** The columns of the list of flows. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Flow } from "../api/types";
import type { FlowOrigin, RunStrip, TriggerState } from "../api/types-more";
import type { Column } from "../design/data-table";
import { labelsText } from "../design/execution-columns";
import { StateBadge } from "../design/state-badge";
import { Moment } from "../design/time";
import { t } from "../i18n";
import { Strip } from "./strip";
import { type Last, ofFlow, useLast, useOrigins, useStrips, useTriggers } from "./use-beside";

type Beside = {
  last: readonly Last[];
  strips: readonly RunStrip[];
  triggers: readonly TriggerState[];
  origins: readonly FlowOrigin[];
};

/** The columns with what stands beside the flows in view. */
export function useFlowColumns(flows: readonly Flow[]) {
  const last = useLast(flows);
  const strips = useStrips(flows, last);
  const triggers = useTriggers(flows);
  const origins = useOrigins(flows);
  return useMemo(
    () => columnsOf({ last, strips, triggers, origins }),
    [last, strips, triggers, origins],
  );
}

const plain: Column<Flow>[] = [
  {
    id: "id",
    title: t("column.id"),
    sort: "id",
    cell: (flow) => (
      <Link to={`/main/flows/edit/${flow.namespace}/${flow.id}/overview` as never}>{flow.id}</Link>
    ),
  },
  { id: "namespace", title: t("column.namespace"), sort: "namespace", cell: (f) => f.namespace },
  { id: "labels", title: t("column.labels"), cell: (flow) => labelsText(flow.labels) },
];

function columnsOf({ last, strips, triggers, origins }: Beside): Column<Flow>[] {
  return [
    {
      id: "last",
      title: t("flows.last"),
      cell: (flow) => <LastRun last={ofFlow(last, flow)} />,
    },
    {
      id: "strip",
      title: t("flows.runs"),
      cell: (flow) => <Strip strip={ofFlow(strips, flow)} />,
    },
    ...plain,
    {
      id: "triggers",
      title: t("column.triggers"),
      cell: (flow) => <Triggers flow={flow} states={triggers} />,
    },
    { id: "revision", title: t("column.revision"), cell: (flow) => flow.revision },
    {
      id: "git",
      title: t("nav.git"),
      cell: (flow) => <GitBadge origin={ofFlow(origins, flow)} />,
    },
    { id: "disabled", title: "", cell: (flow) => flow.disabled && t("flows.disabled") },
  ];
}

function LastRun({ last }: { last?: Last }) {
  if (!last) return <span className="muted">–</span>;
  const to = `/main/executions/${last.namespace}/${last.flowId}/${last.id}/overview`;
  return (
    <Link to={to as never} className="quiet">
      <StateBadge state={last.status} />
    </Link>
  );
}

function Triggers({ flow, states }: { flow: Flow; states: readonly TriggerState[] }) {
  const names = flow.triggers?.map((trigger) => trigger.id) ?? [];
  const next = states
    .filter((one) => one.namespace === flow.namespace && one.flowId === flow.id && !one.disabled)
    .flatMap((one) => one.nextExecutionDate ?? [])
    .sort()[0];
  return (
    <>
      {names.join(", ")}
      {next && (
        <>
          {" "}
          <span className="muted">
            <Moment at={next} />
          </span>
        </>
      )}
    </>
  );
}

/** What Git says of a flow: its state, and the commit that it stands at. */
function GitBadge({ origin }: { origin?: FlowOrigin }) {
  if (!origin) return null;
  return (
    <Link to={`/main/git/${origin.binding}/resources` as never} className="quiet">
      <StateBadge state={origin.state} />{" "}
      <span className="mono muted">{origin.commit.slice(0, 8)}</span>
    </Link>
  );
}
