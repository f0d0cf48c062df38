/** The parts of administration. */

import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";

const PARTS = [
  "users",
  "service-accounts",
  "groups",
  "roles",
  "bindings",
  "permissions",
  "audit",
  "stats",
] as const;

export function AdminTabs() {
  const tabs = PARTS.map((id) => ({
    id,
    title: t(id === "permissions" ? "admin.permissionsOf" : (`admin.${id}` as Key)),
  }));
  return <Tabs base="/main/admin" tabs={tabs} label={t("admin.parts")} />;
}
