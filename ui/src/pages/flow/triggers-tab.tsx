/** What starts a flow. */

import type { Flow } from "../../api/types";
import type { Trigger } from "../../api/types-more";
import { DataTable } from "../../design/data-table";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { triggerColumns, triggerKey } from "../../triggers/trigger-columns";
import { Webhooks } from "../../triggers/webhooks";

const PLACE = new Set(["flow", "namespace"]);

export function TriggersTab({ flow }: { flow: Flow }) {
  const query = usePage<Trigger>({
    key: ["triggers"],
    path: "/triggers/search",
    everyMs: 10_000,
    query: {
      "filters[namespace][EQUALS]": flow.namespace,
      "filters[flowId][EQUALS]": flow.id,
    },
  });
  return (
    <>
      <DataTable
        label={t("nav.triggers")}
        query={query}
        columns={triggerColumns.filter(({ id }) => !PLACE.has(id))}
        rowKey={triggerKey}
        empty={t("triggers.empty")}
      />
      <Webhooks flow={flow} />
    </>
  );
}
