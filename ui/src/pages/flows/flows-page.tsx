/** All flows, as the server finds them. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Begin } from "../../design/begin";
import { type Column, DataTable } from "../../design/data-table";
import { labelsText } from "../../design/execution-columns";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { SavedFilters } from "../../design/saved-filters";
import { useUrl } from "../../design/search";
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
const FILTERS = ["q", "namespace"] as const;

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
  return query.data ?? [];
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
  const [search] = useUrl();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const filters = {
    "filters[q][EQUALS]": search.q,
    "filters[namespace][PREFIX]": search.namespace,
  };
  const query = usePage<Flow>({ key: ["flows"], path: "/flows/search", query: filters });
  const rows = query.data?.results.filter((flow) => chosen.has(keyOf(flow))) ?? [];
  const last = useLast(query.data?.results ?? []);
  return (
    <Page
      title={t("nav.flows")}
      actions={
        <>
          <ImportButton />
          <Button component={Link} to="/main/flows/new">
            {t("flows.new")}
          </Button>
        </>
      }
    >
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <SavedFilters list="flows" names={FILTERS} />
      </Group>
      {rows.length > 0 && (
        <Bulk
          rows={rows}
          total={query.data?.total ?? 0}
          filters={filters}
          onDone={() => setChosen(new Set())}
        />
      )}
      <DataTable
        label={t("nav.flows")}
        query={query}
        columns={[columnOf(last), ...columns]}
        rowKey={keyOf}
        selection={{ chosen, change: setChosen }}
        empty={search.q || search.namespace ? t("flows.noneFits") : <Begin />}
      />
    </Page>
  );
}
