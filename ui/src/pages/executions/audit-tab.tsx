/** Who did what to an execution. */

import type { Execution } from "../../api/types";
import { AuditTable } from "../../design/audit-table";
import { t } from "../../i18n";

export const Audit = ({ execution }: { execution: Execution }) => (
  <AuditTable query={{ target: execution.id }} empty={t("admin.untouched")} />
);
