/** All executions, newest first; the rows in view follow their executions. */

import { Button, Group, Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { call } from "../../api/client";
import type { Execution, Page as ResultPage } from "../../api/types";
import { DataTable, PAGE_SIZE } from "../../design/data-table";
import { executionColumns } from "../../design/execution-columns";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { STATES } from "../../design/state";
import { absoluteText } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";

const shortOf = (moment?: string) => (moment ? absoluteText(moment, zone()).slice(0, 16) : "…");

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
          startDate: search.from,
          endDate: search.to,
          sort: search.sort ?? "state.startDate:desc",
          page: search.page ?? 1,
          size: PAGE_SIZE,
        },
      }),
  });
  return (
    <Page title={t("nav.executions")}>
      <Group align="end">
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
        {(search.from || search.to) && (
          <Button
            variant="default"
            rightSection={<X size={14} aria-hidden="true" />}
            onClick={() => change({ from: undefined, to: undefined, page: undefined })}
          >
            {t("executions.range", { from: shortOf(search.from), to: shortOf(search.to) })}
          </Button>
        )}
      </Group>
      <DataTable
        label={t("nav.executions")}
        query={query}
        columns={executionColumns}
        rowKey={(execution) => execution.id}
        empty={t("executions.empty")}
      />
    </Page>
  );
}
