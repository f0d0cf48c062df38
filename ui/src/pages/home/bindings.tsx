/** Whether what runs is what the repositories hold. */

import { Button } from "@mantine/core";
import { call } from "../../api/client";
import type { Binding, Sync } from "../../api/types-more";
import { nameColumn, stateColumns } from "../../changes/binding-columns";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
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
  const sync = useAct({
    act: () => call<Sync>("POST", `/gitops/bindings/${encodeURIComponent(name)}/sync`),
    done: ({ status }) => t("git.synced", { status }),
    stale: [["bindings"], ["binding"]],
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t("home.syncOne", { name })}
      loading={sync.isPending}
      onClick={() => sync.mutate()}
    >
      {t("git.syncNow")}
    </Button>
  );
}
