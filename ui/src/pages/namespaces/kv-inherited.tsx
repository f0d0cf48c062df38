/** Keys that a namespace does not have itself and reads from those above it. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { KvEntry } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { Origin } from "./origin-link";

export function KvInherited({ namespace }: { namespace: string }) {
  const query = useQuery({
    queryKey: ["kv", namespace, "inherited"],
    queryFn: async ({ signal }) => {
      const path = `/namespaces/${namespace}/kv/inheritance`;
      const found = await call<KvEntry[]>("GET", path, { signal });
      return found.filter((entry) => entry.namespace !== namespace);
    },
  });
  return (
    <Panel title={t("kv.inherited")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("kv.noInherited")}>
        {(rows) => (
          <SimpleTable
            label={t("kv.inherited")}
            rows={rows}
            rowKey={(row) => row.key}
            columns={[
              { id: "key", title: t("kv.key"), cell: (row) => row.key },
              { id: "type", title: t("column.type"), cell: (row) => row.type },
              { id: "value", title: t("kv.value"), cell: (row) => <code>{row.preview}</code> },
              {
                id: "expires",
                title: t("kv.expires"),
                cell: (row) => <Moment at={row.expirationDate} />,
              },
              {
                id: "from",
                title: t("namespace.from"),
                cell: (row) => <Origin of={row.namespace} at={namespace} tab="kv" />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
