/** How triggers look in every table. */

import { Badge, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Trigger, TriggerState } from "../api/types-more";
import type { Column } from "../design/data-table";
import { Moment } from "../design/time";
import { t } from "../i18n";
import { TriggerActions } from "./trigger-actions";

export const placeOf = ({ namespace, flowId, triggerId }: TriggerState) => ({
  namespace,
  flowId,
  triggerId,
});
export const triggerKey = ({ state }: Trigger) =>
  `${state.namespace}/${state.flowId}/${state.triggerId}`;

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
    cell: (row) => <Moment at={row.state.nextExecutionDate} />,
  },
  {
    id: "last",
    title: t("triggers.last"),
    sort: "lastTriggeredDate",
    cell: (row) => <Moment at={row.state.lastTriggeredDate} />,
  },
  { id: "state", title: t("column.state"), cell: ({ state }) => <Standing state={state} /> },
  { id: "actions", title: t("column.actions"), cell: (row) => <TriggerActions row={row} /> },
];

function Standing({ state }: { state: TriggerState }) {
  return (
    <Group gap={4}>
      {state.disabled && (
        <Badge variant="outline" color="gray">
          {t("flows.disabled")}
        </Badge>
      )}
      {state.locked && <Badge variant="outline">{t("triggers.locked")}</Badge>}
      {state.backfill && (
        <Badge variant="outline">
          {state.backfill.paused ? t("triggers.backfillPaused") : t("triggers.backfilling")}
        </Badge>
      )}
    </Group>
  );
}
