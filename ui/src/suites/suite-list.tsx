/** Test suites as the server finds them, each with how it went last. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call, type Query } from "../api/client";
import { type Column, DataTable } from "../design/data-table";
import { useAct } from "../design/receipt";
import { StateBadge } from "../design/state-badge";
import { Moment } from "../design/time";
import { usePage } from "../design/use-page";
import { t } from "../i18n";
import { type ListedSuite, pageOf, pathOf, type Result } from "./model";

const columns: Column<ListedSuite>[] = [
  {
    id: "state",
    title: t("suites.last"),
    cell: (row) =>
      row.lastState ? <StateBadge state={row.lastState} /> : <span className="muted">–</span>,
  },
  {
    id: "id",
    title: t("column.id"),
    sort: "id",
    cell: (row) => <Link to={pageOf(row) as never}>{row.id}</Link>,
  },
  {
    id: "namespace",
    title: t("column.namespace"),
    sort: "namespace",
    cell: (row) => row.namespace,
  },
  {
    id: "flow",
    title: t("column.flow"),
    sort: "flowId",
    cell: (row) => (
      <Link to={`/main/flows/edit/${row.namespace}/${row.flowId}/tests` as never}>
        {row.flowId}
      </Link>
    ),
  },
  { id: "ran", title: t("suites.ran"), cell: (row) => <Moment at={row.lastDate} /> },
  {
    id: "updated",
    title: t("column.updated"),
    sort: "updatedDate",
    cell: (row) => <Moment at={row.updatedDate} />,
  },
  { id: "run", title: t("column.actions"), cell: (row) => <Run suite={row} /> },
];

type Props = { query: Query; empty: ReactNode; without?: readonly string[] };

/** `without` names columns that say nothing where the list is shown. */
export function SuiteList({ query, empty, without = [] }: Props) {
  const found = usePage<ListedSuite>({ key: ["suites"], path: "/tests/search", query });
  return (
    <DataTable
      label={t("nav.tests")}
      query={found}
      columns={columns.filter(({ id }) => !without.includes(id))}
      rowKey={(row) => `${row.namespace}/${row.id}`}
      empty={empty}
    />
  );
}

function Run({ suite }: { suite: ListedSuite }) {
  const run = useAct({
    act: () => call<Result>("POST", `${pathOf(suite)}/run`),
    done: ({ state }) => t("suites.done", { name: suite.id, state }),
    stale: [["suites"]],
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t("suites.runOne", { name: suite.id })}
      loading={run.isPending}
      onClick={() => run.mutate()}
    >
      {t("flow.run")}
    </Button>
  );
}
