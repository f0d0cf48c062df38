/** All flows, as the server finds them; or what stands in their sources. */

import { Button, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Flow } from "../../api/types";
import { Begin } from "../../design/begin";
import { ColumnChoice, useColumns } from "../../design/column-choice";
import { DataTable } from "../../design/data-table";
import { FLOW_FIELDS } from "../../design/filter/fields";
import { FilterLine } from "../../design/filter/filter-line";
import { useFilter } from "../../design/filter/use-filter";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { useFlowColumns } from "../../flow-list/flow-columns";
import { t } from "../../i18n";
import { Bulk } from "./bulk";
import { ImportFlows } from "./import-dialog";
import { SourceSearch } from "./source-search";

const keyOf = ({ namespace, id }: Flow) => `${namespace}/${id}`;
const NONE: Flow[] = [];

/** `view` in the address: the list, or the search in sources. */
export default function FlowsPage() {
  const [search] = useUrl();
  return search.view === "source" ? (
    <Page title={t("nav.flows")} actions={<Actions />}>
      <SourceSearch />
    </Page>
  ) : (
    <List />
  );
}

function Actions() {
  const [search, change] = useUrl();
  return (
    <>
      <SegmentedControl
        aria-label={t("triggers.view")}
        size="xs"
        value={search.view ?? "list"}
        onChange={(value) =>
          change({ view: value === "list" ? undefined : value, page: undefined })
        }
        data={[
          { value: "list", label: t("flows.list") },
          { value: "source", label: t("flows.source") },
        ]}
      />
      <ImportFlows />
      <Button component={Link} to="/main/flows/new">
        {t("flows.new")}
      </Button>
    </>
  );
}

function List() {
  const filter = useFilter(FLOW_FIELDS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = usePage<Flow>({ key: ["flows"], path: "/flows/search", query: filter.query });
  const flows = query.data?.results ?? NONE;
  const rows = flows.filter((flow) => chosen.has(keyOf(flow)));
  const all = useFlowColumns(flows);
  const shown = useColumns("flows", all);
  return (
    <Page
      title={t("nav.flows")}
      actions={
        <>
          <ColumnChoice list="flows" all={all} shown={shown} />
          <Actions />
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
