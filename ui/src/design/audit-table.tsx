/** Lines of the audit log: who did what, when, from where, and whether they might. */

import { Modal } from "@mantine/core";
import type { AuditAct } from "../api/types-more";
import { t } from "../i18n";
import { type Column, DataTable } from "./data-table";
import { DiffView } from "./diff-view";
import { useUrl } from "./search";
import { Moment } from "./time";
import { usePage } from "./use-page";
import { Values } from "./values";

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
  { id: "detail", title: t("admin.detail"), cell: (row) => <Open act={row} /> },
];

type Facts = Record<string, unknown>;
type Change = { before?: Facts; after?: Facts };

type Props = { query: Record<string, string | undefined>; empty: string };

export function AuditTable({ query: asked, empty }: Props) {
  const [search, change] = useUrl();
  const query = usePage<AuditAct>({ key: ["audit"], path: "/auditlogs/search", query: asked });
  const chosen = query.data?.results.find(({ id }) => id === search.act);
  return (
    <>
      <DataTable
        label={t("admin.audit")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={empty}
      />
      <Modal
        opened={chosen !== undefined}
        onClose={() => change({ act: undefined })}
        title={chosen?.action}
        size="xl"
      >
        {chosen && <Details act={chosen} />}
      </Modal>
    </>
  );
}

/** The values that a change changed, by name. */
function changedIn({ before = {}, after = {} }: Change): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function Open({ act: { id, detail } }: { act: AuditAct }) {
  const [, change] = useUrl();
  if (!detail) return null;
  const count = changedIn(detail as Change).length;
  return (
    <button type="button" className="plain" onClick={() => change({ act: id })}>
      {count ? t("admin.changed", { count }) : t("admin.more")}
    </button>
  );
}

/** What a line says besides: of a change each value as it was and as it is. */
function Details({ act: { detail, target, actor, date } }: { act: AuditAct }) {
  const { before = {}, after = {}, ...rest } = (detail ?? {}) as Change & Facts;
  return (
    <>
      <p className="mono wrapped">{target}</p>
      <p className="muted">
        {actor}, <Moment at={date} absolute />
      </p>
      {changedIn({ before, after }).map((name) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <DiffView left={linesOf(before[name])} right={linesOf(after[name])} />
        </section>
      ))}
      <Values values={rest} />
    </>
  );
}

/** Each entry of a list or map on a line of its own, so that only what differs is marked. */
export function linesOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(one)).join("\n");
  if (typeof value !== "object" || value === null) return value === undefined ? "" : String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${JSON.stringify(one)}`)
    .join("\n");
}
