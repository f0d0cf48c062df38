/** All flows, as the server finds them. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Begin } from "../../design/begin";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { type Column, DataTable } from "../../design/data-table";
import { labelsText } from "../../design/execution-columns";
import { FLOW_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { StateBadge } from "../../design/state-badge";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Bulk } from "./bulk";
import { ImportButton } from "./import-button";

const columns: Column<Flow>[] = [
  {
    id: "id",
    title: t("column.id"),
    sort: "id",
    cell: (flow) => (
      <Link to={`/main/flows/edit/${flow.namespace}/${flow.id}/overview` as never}>{flow.id}</Link>
    ),
  },
  { id: "namespace", title: t("column.namespace"), sort: "namespace", cell: (f) => f.namespace },
  {
    id: "labels",
    title: t("column.labels"),
    cell: (flow) => labelsText(flow.labels),
  },
  {
    id: "triggers",
    title: t("column.triggers"),
    cell: (flow) => flow.triggers?.map((trigger) => trigger.id).join(", "),
  },
  { id: "revision", title: t("column.revision"), cell: (flow) => flow.revision },
  { id: "disabled", title: "", cell: (flow) => flow.disabled && t("flows.disabled") },
];

const keyOf = ({ namespace, id }: Flow) => `${namespace}/${id}`;

const NONE: Last[] = [];
type Last = { id: string; namespace: string; flowId: string; status: string };

/** The last execution of each flow in view. */
function useLast(flows: Flow[]): Last[] {
  const places = flows.map(({ namespace, id }) => ({ namespace, id }));
  const query = useQuery<Last[]>({
    queryKey: ["flows", "last", places],
    enabled: places.length > 0,
    refetchInterval: 5_000,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) => call("POST", "/executions/latest", { signal, json: places }),
  });
  return query.data ?? NONE;
}

const columnOf = (last: Last[]): Column<Flow> => ({
  id: "last",
  title: t("flows.last"),
  cell: (flow) => {
    const found = last.find((one) => one.namespace === flow.namespace && one.flowId === flow.id);
    if (!found) return <span className="muted">–</span>;
    const to = `/main/executions/${found.namespace}/${found.flowId}/${found.id}/overview`;
    return (
      <Link to={to as never} className="quiet">
        <StateBadge state={found.status} />
      </Link>
    );
  },
});

export default function FlowsPage() {
  const filter = useFilter(FLOW_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Flow>({ key: ["flows"], path: "/flows/search", query: filter.query });
  const rows = query.data?.results.filter((flow) => chosen.has(keyOf(flow))) ?? [];
  const last = useLast(query.data?.results ?? []);
  const all = useMemo(() => [columnOf(last), ...columns], [last]);
  const shown = useColumns("flows", all);
  return (
    <Page
      title={t("nav.flows")}
      actions={
        <>
          <ColumnChoice list="flows" all={all} shown={shown} />
          <ImportButton />
          <Button component={Link} to="/main/flows/new">
            {t("flows.new")}
          </Button>
        </>
      }
    >
      <FilterLine list="flows" fields={FLOW_FIELDS} />
      {rows.length > 0 && (
        <Bulk
          rows={rows}
          total={query.data?.total ?? 0}
          filters={filter.query}
          onDone={() => setChosen(new Set())}
        />
      )}
      <DataTable
        label={t("nav.flows")}
        list="flows"
        query={query}
        columns={shown}
        rowKey={keyOf}
        selection={{ chosen, change: setChosen }}
        empty={filter.isNarrowed ? t("flows.noneFits") : <Begin />}
      />
    </Page>
  );
}
