/** Whether what runs is what the repositories hold. */

import { Button } from "@mantine/core";
import type { Binding } from "../../api/types-more";
import { nameColumn, stateColumns } from "../../changes/binding-columns";
import { useSync } from "../../changes/use-sync";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import { useBindings } from "./use-bindings";

export function Bindings() {
  const query = useBindings();
  return (
    <Panel title={t("nav.git")}>
      <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.empty")}>
        {(page) => (
          <SimpleTable
            label={t("nav.git")}
            rows={page.results}
            rowKey={(row) => row.id}
            columns={[
              nameColumn,
              ...stateColumns,
              { id: "do", title: t("column.actions"), cell: (row) => <SyncNow binding={row} /> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function SyncNow({ binding: { name } }: { binding: Binding }) {
  const sync = useSync(name);
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t("home.syncOne", { name })}
      loading={sync.isPending}
      onClick={() => sync.mutate([])}
    >
      {t("git.syncNow")}
    </Button>
  );
}
