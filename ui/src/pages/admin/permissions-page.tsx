/** What somebody may in a namespace, and which grants say so: "can ana run a.b?". */

import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Reach } from "../../api/types-more";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";
import { SubjectSelect } from "./subject-select";

type Held = Reach["permissions"][number];

export default function PermissionsPage() {
  const [search, change] = useUrl();
  const { account, namespace } = search;
  const query = useQuery({
    queryKey: ["reach", account, namespace],
    enabled: Boolean(account),
    queryFn: ({ signal }) =>
      call<Reach>("GET", "/permissions", { signal, query: { account, namespace } }),
  });
  return (
    <Page title={t("admin.permissionsOf")}>
      <AdminTabs />
      <Group align="end">
        <SubjectSelect
          type="USER"
          value={account ?? null}
          onChange={(id) => change({ account: id ?? undefined })}
        />
        <FilterBox
          name="namespace"
          label={t("column.namespace")}
          placeholder={t("admin.everywhere")}
        />
        <Select
          label={t("admin.permission")}
          placeholder={t("filter.any")}
          clearable
          searchable
          data={query.data?.permissions.map(({ name }) => name) ?? []}
          value={search.permission ?? null}
          onChange={(permission) => change({ permission: permission ?? undefined })}
        />
      </Group>
      <Panel title={t("admin.answer")}>
        {account ? (
          <Loaded query={query}>
            {(reach) => <Answer reach={reach} only={search.permission} />}
          </Loaded>
        ) : (
          <p className="panel-body muted">{t("admin.askWho")}</p>
        )}
      </Panel>
    </Page>
  );
}

function Answer({ reach, only }: { reach: Reach; only?: string }) {
  const rows = reach.permissions.filter(({ name }) => !only || name === only);
  const place = placeText(reach.namespace);
  const asked = only ? rows[0] : undefined;
  return (
    <>
      <p className="panel-body" role="status">
        {reach.disabled && <strong>{t("admin.closed", { name: reach.username })} </strong>}
        {asked ? (
          <strong>
            {t(asked.allowed ? "admin.mayOne" : "admin.mayNotOne", {
              name: reach.username,
              permission: asked.name,
              place,
            })}
          </strong>
        ) : (
          t("admin.mayCount", {
            name: reach.username,
            place,
            count: rows.filter(({ allowed }) => allowed).length,
            total: rows.length,
          })
        )}
      </p>
      <SimpleTable<Held>
        label={t("admin.answer")}
        rows={rows}
        rowKey={({ name }) => name}
        columns={[
          {
            id: "name",
            title: t("admin.permission"),
            cell: ({ name }) => <span className="mono">{name}</span>,
          },
          {
            id: "allowed",
            title: t("admin.allowed"),
            cell: ({ allowed }) => <Verdict allowed={allowed} />,
          },
          { id: "by", title: t("admin.by"), cell: (row) => row.by.map(wayText).join(", ") },
        ]}
      />
    </>
  );
}

const Verdict = ({ allowed }: { allowed: boolean }) => (
  <strong style={{ color: `var(--${allowed ? "success" : "failed"}-text)` }}>
    {allowed ? `✓ ${t("admin.yes")}` : `✕ ${t("admin.no")}`}
  </strong>
);

function wayText({ role, namespace, group }: Held["by"][number]): string {
  const place = placeText(namespace);
  return group ? t("admin.wayOfGroup", { role, place, group }) : t("admin.way", { role, place });
}

const placeText = (namespace: string): string =>
  namespace ? t("admin.inPlace", { place: namespace }) : t("admin.everywhere");
