/** What an execution was started by, what it started, its replays, and what belongs together with it. */

import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { call, type Query } from "../../api/client";
import type { Execution } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { usePage } from "../../design/use-page";
import { type Key, t } from "../../i18n";
import { ExecutionLink } from "./execution-link";
import { familyOf } from "./family";

/** The lists, and by which filter each is found; one without a value has nothing to list. */
const LISTS = {
  children: ({ id }: Execution) => ({ "filters[triggerExecutionId][EQUALS]": id }),
  replays: ({ id }: Execution) => ({ "filters[parentId][EQUALS]": id }),
  correlation: (execution: Execution) => ({
    "filters[labels][EQUALS][system.correlationId]": familyOf(execution).correlationId,
  }),
  commit: ({ commit }: Execution) => (commit ? { "filters[commit][EQUALS]": commit } : null),
} as const;

type List = keyof typeof LISTS;
type Histogram = { bars: { counts: Record<string, number> }[] };

export function Related({ execution }: { execution: Execution }) {
  const [search, change] = useUrl();
  const lists = (Object.keys(LISTS) as List[]).filter((name) => LISTS[name](execution));
  const chosen = lists.find((name) => name === search.of) ?? "children";
  return (
    <>
      <Above execution={execution} />
      <Group className="related-choice" align="end">
        <Select
          label={t("related.show")}
          data={lists.map((name) => ({ value: name, label: t(`related.${name}` as Key) }))}
          value={chosen}
          allowDeselect={false}
          onChange={(value) => change({ of: value ?? undefined, page: undefined })}
        />
        {chosen === "children" && <Counts execution={execution} />}
      </Group>
      <Table key={chosen} list={chosen} query={LISTS[chosen](execution) ?? {}} id={execution.id} />
    </>
  );
}

function Table({ list, query: asked, id }: { list: List; query: Query; id: string }) {
  const query = usePage<Execution>({
    key: ["executions", list, id],
    path: "/executions/search",
    topic: "list:executions",
    query: asked,
  });
  return (
    <DataTable
      label={t(`related.${list}` as Key)}
      query={query}
      columns={executionColumns}
      rowKey={(row) => row.id}
      empty={t(list === "children" ? "related.none" : "related.nothing")}
    />
  );
}

/** How many of the children are in each state: one bar of the histogram, from its start on. */
function Counts({ execution }: { execution: Execution }) {
  const { data: counts = {} } = useQuery({
    queryKey: ["executions", "childStates", execution.id],
    refetchInterval: 5_000,
    queryFn: async ({ signal }) => {
      const since = { "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": execution.state.startDate };
      const query = { ...LISTS.children(execution), ...since, bars: 1 };
      const path = "/executions/histogram";
      return (await call<Histogram>("GET", path, { signal, query })).bars[0]?.counts ?? {};
    },
  });
  return (
    <Group gap={12} role="status">
      {Object.entries(counts).map(([state, count]) => (
        <span key={state}>
          {count.toLocaleString("en")} <StateBadge state={state} />
        </span>
      ))}
    </Group>
  );
}

function Above({ execution }: { execution: Execution }) {
  const { callerId, rootId, replayOf } = familyOf(execution);
  const rows = [
    { label: t("related.parent"), id: callerId },
    { label: t("execution.root"), id: rootId },
    { label: t("related.original"), id: replayOf },
  ].flatMap(({ label, id }) => (id ? [{ label, id }] : []));
  if (rows.length === 0) return null;
  return (
    <Panel title={t("related.from")}>
      <dl className="values panel-body">
        {rows.map(({ label, id }) => (
          <Fragment key={label}>
            <dt>{label}</dt>
            <dd>
              <ExecutionLink id={id} />
            </dd>
          </Fragment>
        ))}
      </dl>
    </Panel>
  );
}
