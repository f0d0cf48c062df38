/** Who did what, when, from where, and whether they might. */

import { Group } from "@mantine/core";
import type { AuditAct } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";

const columns: Column<AuditAct>[] = [
  { id: "at", title: t("column.time"), cell: (row) => <Moment at={row.date} absolute /> },
  { id: "actor", title: t("git.actor"), cell: (row) => row.actor },
  { id: "action", title: t("admin.action"), cell: (row) => row.action },
  {
    id: "target",
    title: t("admin.target"),
    cell: (row) => <span className="mono">{row.target}</span>,
  },
  { id: "verdict", title: t("git.result"), cell: (row) => row.verdict },
  { id: "namespace", title: t("column.namespace"), cell: (row) => row.namespace },
  { id: "address", title: t("admin.address"), cell: (row) => row.address },
];

export default function AuditPage() {
  const [search] = useUrl();
  const { actor, action, target, namespace } = search;
  const query = usePage<AuditAct>({
    key: ["audit"],
    path: "/auditlogs/search",
    query: { actor, action, target, namespace },
  });
  return (
    <Page title={t("admin.audit")}>
      <AdminTabs />
      <Group align="end">
        <FilterBox name="actor" label={t("git.actor")} />
        <FilterBox name="action" label={t("admin.action")} />
        <FilterBox name="target" label={t("admin.target")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
      </Group>
      <DataTable
        label={t("admin.audit")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("admin.noActs")}
      />
    </Page>
  );
}
