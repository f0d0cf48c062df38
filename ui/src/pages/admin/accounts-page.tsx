/** Accounts of people or of machines, with their grants. */

import { Button, Group, Modal } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Account } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { grantsText } from "../../design/grant-rows";
import { Page } from "../../design/page";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { Moment } from "../../design/time";
import { TokenPanel } from "../../design/token-panel";
import { usePage } from "../../design/use-page";
import { type Key, t } from "../../i18n";
import { AccountForm } from "./account-form";
import { AdminTabs } from "./admin-tabs";

export type Kind = "users" | "service-accounts";

export function AccountsPage({ kind }: { kind: Kind }) {
  const [search, change] = useUrl();
  const query = usePage<Account>({
    key: ["accounts", kind],
    path: `/${kind}`,
    query: { q: search.q },
  });
  const close = () => change({ account: undefined, tokens: undefined });
  const found = query.data?.results.find((row) => row.id === search.account);
  const columns: Column<Account>[] = [
    {
      id: "name",
      title: t("git.name"),
      cell: (row) => (
        <button type="button" className="plain" onClick={() => change({ account: row.id })}>
          {row.username}
        </button>
      ),
    },
    {
      id: "grants",
      title: t("admin.grants"),
      cell: (row) => (row.superAdmin ? t("admin.super") : grantsText(row.grants)),
    },
    {
      id: "disabled",
      title: t("column.state"),
      cell: (row) => (row.disabled ? t("flows.disabled") : t("triggers.enabled")),
    },
    { id: "made", title: t("column.created"), cell: (row) => <Moment at={row.createdAt} /> },
    {
      id: "actions",
      title: t("column.actions"),
      cell: (row) => (
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => change({ tokens: row.id })}>
            {t("admin.tokens")}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            component={Link}
            to={`/main/admin/permissions?account=${row.id}` as never}
          >
            {t("admin.mayWhat")}
          </Button>
          <RemoveButton
            size="compact-xs"
            path={`/${kind}/${row.id}`}
            text={t("admin.deleteText", { name: row.username })}
            done={t("kv.gone", { name: row.username })}
            stale={[["accounts", kind]]}
          />
        </Group>
      ),
    },
  ];
  return (
    <Page
      title={t(`admin.${kind}` as Key)}
      actions={<Button onClick={() => change({ account: "new" })}>{t("admin.new")}</Button>}
    >
      <AdminTabs />
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t(`admin.${kind}` as Key)}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("admin.empty")}
      />
      <Modal
        opened={search.account === "new" || found !== undefined}
        onClose={close}
        title={found?.username ?? t("admin.new")}
      >
        <AccountForm key={search.account} kind={kind} account={found} onDone={close} />
      </Modal>
      <Modal opened={Boolean(search.tokens)} onClose={close} title={t("admin.tokens")} size="xl">
        {search.tokens && <TokenPanel path={`/${kind}/${search.tokens}/api-tokens`} />}
      </Modal>
    </Page>
  );
}
