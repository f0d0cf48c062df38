/** All executions, newest first; the rows in view follow their executions. */

import { Group, Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Page as ResultPage } from "../../api/types";
import { type Column, DataTable, PAGE_SIZE } from "../../design/data-table";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { STATES } from "../../design/state";
import { StateBadge } from "../../design/state-badge";
import { Duration, Moment } from "../../design/time";
import { t } from "../../i18n";

const columns: Column<Execution>[] = [
  {
    id: "state",
    title: t("column.state"),
    sort: "state.current",
    cell: (execution) => <StateBadge state={execution.state.current} />,
  },
  {
    id: "id",
    title: t("column.id"),
    cell: ({ namespace, flowId, id }) => (
      <Link className="mono" to={`/main/executions/${namespace}/${flowId}/${id}/overview` as never}>
        {id.slice(0, 8)}
      </Link>
    ),
  },
  { id: "flow", title: t("column.flow"), sort: "flowId", cell: (e) => e.flowId },
  { id: "namespace", title: t("column.namespace"), sort: "namespace", cell: (e) => e.namespace },
  {
    id: "started",
    title: t("column.started"),
    sort: "state.startDate",
    cell: (execution) => <Moment at={execution.state.startDate} />,
  },
  {
    id: "duration",
    title: t("column.duration"),
    cell: ({ state }) => <Duration from={state.startDate} to={state.endDate} />,
  },
  {
    id: "labels",
    title: t("column.labels"),
    cell: (e) => e.labels?.map((label) => `${label.key}: ${label.value}`).join(", "),
  },
];

export default function ExecutionsPage() {
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["executions", search],
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
    queryFn: ({ signal }) =>
      call<ResultPage<Execution>>("GET", "/executions/search", {
        signal,
        query: {
          q: search.q,
          namespace: search.namespace,
          state: search.state,
          sort: search.sort ?? "state.startDate:desc",
          page: search.page ?? 1,
          size: PAGE_SIZE,
        },
      }),
  });
  return (
    <Page title={t("nav.executions")}>
      <Group>
        <TextInput
          label={t("filter.text")}
          type="search"
          defaultValue={search.q}
          onChange={(event) => change({ q: event.target.value, page: undefined })}
        />
        <TextInput
          label={t("filter.namespace")}
          defaultValue={search.namespace}
          onChange={(event) => change({ namespace: event.target.value, page: undefined })}
        />
        <Select
          label={t("filter.state")}
          placeholder={t("filter.any")}
          clearable
          data={[...STATES]}
          value={search.state ?? null}
          onChange={(state) => change({ state: state ?? undefined, page: undefined })}
        />
      </Group>
      <DataTable
        label={t("nav.executions")}
        query={query}
        columns={columns}
        rowKey={(execution) => execution.id}
        empty={t("executions.empty")}
      />
    </Page>
  );
}
