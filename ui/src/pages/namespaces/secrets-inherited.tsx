/** Names of secrets that a namespace may use and that those above it hold. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import { Origin } from "./origin-link";

/** Of each name the nearest namespace above that has it, unless the namespace has it itself. */
export function nearest(found: Record<string, string[]>, own: string) {
  const rows = new Map<string, string>();
  const mine = new Set(found[own] ?? []);
  const above = Object.keys(found)
    .filter((namespace) => namespace !== own)
    .sort((a, b) => a.length - b.length);
  for (const namespace of above) {
    for (const key of found[namespace] ?? []) if (!mine.has(key)) rows.set(key, namespace);
  }
  return [...rows]
    .map(([key, namespace]) => ({ key, namespace }))
    .sort((a, b) => a.key.localeCompare(b.key));
}

export function SecretsInherited({ namespace }: { namespace: string }) {
  const query = useQuery({
    queryKey: ["secrets", namespace, "inherited"],
    queryFn: async ({ signal }) => {
      const path = `/namespaces/${namespace}/inherited-secrets`;
      return nearest(await call<Record<string, string[]>>("GET", path, { signal }), namespace);
    },
  });
  return (
    <Panel title={t("secrets.inherited")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("secrets.noInherited")}>
        {(rows) => (
          <SimpleTable
            label={t("secrets.inherited")}
            rows={rows}
            rowKey={(row) => row.key}
            columns={[
              { id: "key", title: t("kv.key"), cell: (row) => <code>{row.key}</code> },
              {
                id: "from",
                title: t("namespace.from"),
                cell: (row) => <Origin of={row.namespace} at={namespace} tab="secrets" />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
