/** Who did what, when, from where, and whether they might; what is found leaves as a file. */

import { Button, Select } from "@mantine/core";
import { addressOf } from "../../api/client";
import { AuditTable } from "../../design/audit-table";
import { FilterBox } from "../../design/filter-box";
import { FilterFold } from "../../design/filter-fold";
import { MomentBox } from "../../design/moment-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";

export default function AuditPage() {
  const [search, change] = useUrl();
  const { actor, action, target, namespace, verdict, from, to } = search;
  const query = { actor, action, target, namespace, verdict, startDate: from, endDate: to };
  const set = Object.values(query).filter(Boolean).length;
  return (
    <Page title={t("admin.audit")} actions={<Export query={query} />}>
      <AdminTabs />
      <FilterFold set={set}>
        <FilterBox name="actor" label={t("git.actor")} />
        <FilterBox name="action" label={t("admin.action")} />
        <FilterBox name="target" label={t("admin.target")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <Select
          label={t("git.result")}
          placeholder={t("filter.any")}
          clearable
          data={["DONE", "REFUSED", "FAILED"]}
          value={verdict ?? null}
          onChange={(value) => change({ verdict: value ?? undefined, page: undefined })}
        />
        <MomentBox name="from" label={t("filter.from")} />
        <MomentBox name="to" label={t("filter.to")} />
      </FilterFold>
      <AuditTable query={query} empty={t(set > 0 ? "admin.noActs" : "admin.noActsYet")} />
    </Page>
  );
}

/** All that the filters leave, not only the page in view. */
function Export({ query }: { query: Record<string, string | undefined> }) {
  return ["csv", "jsonl"].map((format) => (
    <Button
      key={format}
      component="a"
      variant="default"
      href={addressOf("/auditlogs/export", { ...query, format })}
      download={`audit.${format}`}
    >
      {t("admin.export", { format: format.toUpperCase() })}
    </Button>
  ));
}
