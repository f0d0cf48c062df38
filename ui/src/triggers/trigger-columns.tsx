/** How triggers look in every table. */

import { Badge, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Trigger, TriggerState } from "../api/types-more";
import type { Column } from "../design/data-table";
import { StateBadge } from "../design/state-badge";
import { Moment, useNow } from "../design/time";
import { t } from "../i18n";
import { isMissed } from "./missed";
import { flowKey, useOwned } from "./owned";
import { percentOf, zoneOf } from "./progress";
import { TriggerActions } from "./trigger-actions";

export const placeOf = ({ namespace, flowId, triggerId }: TriggerState) => ({
  namespace,
  flowId,
  triggerId,
});
export const triggerKey = ({ state }: Trigger) =>
  `${state.namespace}/${state.flowId}/${state.triggerId}`;

/** The columns; a flag of a flow that Git owns is named as Git's. */
export function useTriggerColumns(rows: readonly Trigger[]): Column<Trigger>[] {
  const owned = useOwned(rows);
  return useMemo(
    () =>
      triggerColumns.map((column) =>
        column.id === "state"
          ? {
              ...column,
              cell: (row) => <Standing row={row} isGit={owned.has(flowKey(row.state))} />,
            }
          : column,
      ),
    [owned],
  );
}

export const triggerColumns: Column<Trigger>[] = [
  { id: "id", title: t("column.trigger"), sort: "triggerId", cell: (row) => row.state.triggerId },
  {
    id: "flow",
    title: t("column.flow"),
    sort: "flowId",
    cell: ({ state }) => (
      <Link to={`/main/flows/edit/${state.namespace}/${state.flowId}/overview` as never}>
        {state.flowId}
      </Link>
    ),
  },
  {
    id: "namespace",
    title: t("column.namespace"),
    sort: "namespace",
    cell: (row) => row.state.namespace,
  },
  {
    id: "type",
    title: t("column.type"),
    cell: ({ trigger }) => (
      <Link className="mono" title={trigger.type} to={`/main/plugins/${trigger.type}` as never}>
        {trigger.type.split(".").at(-1)}
      </Link>
    ),
  },
  {
    id: "next",
    title: t("column.next"),
    sort: "nextExecutionDate",
    cell: (row) => <Next row={row} />,
  },
  {
    id: "last",
    title: t("triggers.last"),
    sort: "lastTriggeredDate",
    cell: (row) => <Last state={row.state} />,
  },
  { id: "state", title: t("column.state"), cell: (row) => <Standing row={row} /> },
  { id: "actions", title: t("column.actions"), cell: (row) => <TriggerActions row={row} /> },
];

/** When it starts next, in whose time, and whether that should have been by now. */
function Next({ row }: { row: Trigger }) {
  const now = useNow(15_000);
  const zone = zoneOf(row);
  return (
    <>
      {isMissed(row.state, now) && (
        <strong style={{ color: "var(--warning-text)" }}>▲ {t("triggers.missed")} </strong>
      )}
      <Moment at={row.state.nextExecutionDate} />
      {zone && <span className="muted"> {zone}</span>}
    </>
  );
}

function Last({ state }: { state: TriggerState }) {
  const { namespace, flowId, lastExecutionId, lastExecutionState, lastTriggeredDate } = state;
  return (
    <>
      {lastExecutionId && lastExecutionState && (
        <Link to={`/main/executions/${namespace}/${flowId}/${lastExecutionId}/overview` as never}>
          <StateBadge state={lastExecutionState} />
        </Link>
      )}{" "}
      <Moment at={lastTriggeredDate} />
    </>
  );
}

/** What keeps it from starting: the switch here, the flag of its flow, a lock, a backfill. */
function Standing({ row: { state, trigger }, isGit }: { row: Trigger; isGit?: boolean }) {
  return (
    <Group gap={4}>
      {state.disabled && (
        <Badge variant="outline" color="gray" c="var(--muted)">
          {t("flows.disabled")}
        </Badge>
      )}
      {trigger.disabled && (
        <Badge variant="outline" color="gray" c="var(--muted)">
          {t(isGit ? "triggers.disabledInGit" : "triggers.disabledInFlow")}
        </Badge>
      )}
      {state.locked && <Lock state={state} />}
      {state.putOffUntil && (
        <Badge variant="outline" color="yellow">
          {t("triggers.putOff")} <Moment at={state.putOffUntil} />
        </Badge>
      )}
      {state.backfill && (
        <Badge variant="outline">
          {t(state.backfill.paused ? "triggers.backfillPaused" : "triggers.backfilling", {
            percent: percentOf(state.backfill),
          })}
        </Badge>
      )}
    </Group>
  );
}

/** What a trigger waits for: the execution that it began last. */
function Lock({ state: { namespace, flowId, executionId } }: { state: TriggerState }) {
  const badge = <Badge variant="outline">{t("triggers.locked")}</Badge>;
  if (!executionId) return badge;
  return (
    <Link to={`/main/executions/${namespace}/${flowId}/${executionId}/overview` as never}>
      {badge}
    </Link>
  );
}
