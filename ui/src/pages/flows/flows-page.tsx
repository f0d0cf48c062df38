/** All flows, as the server finds them. */

import { Button, Group, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Flow, Page as ResultPage } from "../../api/types";
import { type Column, DataTable, PAGE_SIZE } from "../../design/data-table";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";

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
    cell: (flow) => flow.labels?.map((label) => `${label.key}: ${label.value}`).join(", "),
  },
  {
    id: "triggers",
    title: t("column.triggers"),
    cell: (flow) => flow.triggers?.map((trigger) => trigger.id).join(", "),
  },
  { id: "revision", title: t("column.revision"), cell: (flow) => flow.revision },
  { id: "disabled", title: "", cell: (flow) => flow.disabled && t("flows.disabled") },
];

export default function FlowsPage() {
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["flows", search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      call<ResultPage<Flow>>("GET", "/flows/search", {
        signal,
        query: {
          q: search.q,
          namespace: search.namespace,
          sort: search.sort,
          page: search.page ?? 1,
          size: PAGE_SIZE,
        },
      }),
  });
  return (
    <Page
      title={t("nav.flows")}
      actions={
        <Button component={Link} to="/main/flows/new">
          {t("flows.new")}
        </Button>
      }
    >
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
      </Group>
      <DataTable
        label={t("nav.flows")}
        query={query}
        columns={columns}
        rowKey={(flow) => `${flow.namespace}/${flow.id}`}
        empty={t("flows.empty")}
      />
    </Page>
  );
}
