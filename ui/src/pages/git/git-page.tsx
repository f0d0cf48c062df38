/** The folders of repositories that are kept equal to what runs here, and how each stands. */

import { Button, Group, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Binding } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { GitTabs, Sha } from "./git-tabs";

export default function GitPage() {
  const [search, change] = useUrl();
  const query = usePage<Binding>({
    key: ["bindings"],
    path: "/gitops/bindings",
    query: { q: search.q, state: search.standing },
    topic: "git",
  });
  return (
    <Page
      title={t("nav.git")}
      actions={
        <Button component={Link} to={"/main/git/sources?connect=true" as never}>
          {t("git.connect")}
        </Button>
      }
    >
      <GitTabs />
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <Select
          label={t("git.sync")}
          placeholder={t("filter.any")}
          clearable
          data={["Synced", "OutOfSync", "Drifted", "Conflict", "Unknown"]}
          value={search.standing ?? null}
          onChange={(standing) => change({ standing: standing ?? undefined, page: undefined })}
        />
      </Group>
      <DataTable
        label={t("git.bindings")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={search.q || search.standing ? t("git.noneFits") : t("git.empty")}
      />
    </Page>
  );
}

const columns: Column<Binding>[] = [
  {
    id: "name",
    title: t("column.binding"),
    cell: (row) => <Link to={`/main/git/${row.name}/status` as never}>{row.name}</Link>,
  },
  {
    id: "place",
    title: t("git.place"),
    cell: (row) => `${row.path || "/"} → ${row.namespace || t("git.declared")}`,
  },
  { id: "sync", title: t("git.sync"), cell: (row) => <StateBadge state={row.sync} /> },
  { id: "health", title: t("git.health"), cell: (row) => <StateBadge state={row.health} /> },
  { id: "desired", title: t("git.desired"), cell: (row) => <Sha sha={row.desiredSha} /> },
  { id: "applied", title: t("git.applied"), cell: (row) => <Sha sha={row.appliedSha} /> },
  { id: "pin", title: t("git.pinned"), cell: (row) => <Sha sha={row.pinnedSha} /> },
  { id: "at", title: t("git.syncedAt"), cell: (row) => <Moment at={row.syncedAt} /> },
];
