/** Keys and their typed values. */

import { Button, Group, Modal } from "@mantine/core";
import type { KvEntry } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { KvForm } from "./kv-form";
import { KvInherited } from "./kv-inherited";

export function KvTab({ namespace }: { namespace: string }) {
  const [search, change] = useUrl();
  const query = usePage<KvEntry>({
    key: ["kv", namespace],
    path: "/kv",
    query: { "filters[namespace][EQUALS]": namespace, "filters[q][EQUALS]": search.q },
  });
  const close = () => change({ key: undefined, adding: undefined });
  const columns: Column<KvEntry>[] = [
    {
      id: "key",
      title: t("kv.key"),
      sort: "key",
      cell: (row) => (
        <button type="button" className="plain" onClick={() => change({ key: row.key })}>
          {row.key}
        </button>
      ),
    },
    { id: "type", title: t("column.type"), cell: (row) => row.type },
    { id: "value", title: t("kv.value"), cell: (row) => <code>{row.preview}</code> },
    { id: "description", title: t("column.description"), cell: (row) => row.description },
    { id: "expires", title: t("kv.expires"), cell: (row) => <Moment at={row.expirationDate} /> },
    { id: "updated", title: t("column.updated"), cell: (row) => <Moment at={row.updateDate} /> },
    {
      id: "delete",
      title: t("column.actions"),
      cell: (row) => (
        <RemoveButton
          size="compact-xs"
          path={`/namespaces/${namespace}/kv/${encodeURIComponent(row.key)}`}
          text={t("kv.deleteText", { name: row.key })}
          done={t("kv.gone", { name: row.key })}
          stale={[["kv", namespace], ["namespaces"]]}
        />
      ),
    },
  ];
  return (
    <>
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <Button onClick={() => change({ adding: "true" })}>{t("kv.new")}</Button>
      </Group>
      <DataTable
        label={t("namespace.kv")}
        query={query}
        columns={columns}
        rowKey={(row) => row.key}
        empty={t(search.q ? "kv.empty" : "kv.none")}
      />
      <KvInherited namespace={namespace} />
      <Modal
        opened={Boolean(search.key || search.adding)}
        onClose={close}
        title={search.key ?? t("kv.new")}
      >
        <KvForm
          key={search.key}
          namespace={namespace}
          name={search.key}
          entry={query.data?.results.find(({ key }) => key === search.key)}
          onDone={close}
        />
      </Modal>
    </>
  );
}
