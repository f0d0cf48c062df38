/** Lines of the audit log: who did what, when, from where, and whether they might. */

import type { AuditAct } from "../api/types-more";
import { t } from "../i18n";
import { type Column, DataTable } from "./data-table";
import { Moment } from "./time";
import { usePage } from "./use-page";

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

export function AuditTable({ query: asked }: { query: Record<string, string | undefined> }) {
  const query = usePage<AuditAct>({ key: ["audit"], path: "/auditlogs/search", query: asked });
  return (
    <DataTable
      label={t("admin.audit")}
      query={query}
      columns={columns}
      rowKey={(row) => row.id}
      empty={t("admin.noActs")}
    />
  );
}
