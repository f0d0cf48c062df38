/** Who did what, when, from where, and whether they might. */

import { Group } from "@mantine/core";
import { AuditTable } from "../../design/audit-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";

export default function AuditPage() {
  const [search] = useUrl();
  const { actor, action, target, namespace } = search;
  return (
    <Page title={t("admin.audit")}>
      <AdminTabs />
      <Group align="end">
        <FilterBox name="actor" label={t("git.actor")} />
        <FilterBox name="action" label={t("admin.action")} />
        <FilterBox name="target" label={t("admin.target")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
      </Group>
      <AuditTable query={{ actor, action, target, namespace }} />
    </Page>
  );
}
