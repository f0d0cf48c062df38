/** The folders of repositories that are kept equal to what runs here, and how each stands. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import type { Binding } from "../../api/types-more";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { GitTabs, Sha } from "./git-tabs";

export default function GitPage() {
  const query = useQuery({
    queryKey: ["bindings"],
    refetchInterval: 5_000,
    queryFn: ({ signal }) => call<ResultPage<Binding>>("GET", "/gitops/bindings", { signal }),
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
      <Panel title={t("git.bindings")}>
        <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.empty")}>
          {(page) => <Table rows={page.results} />}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Table({ rows }: { rows: Binding[] }) {
  return (
    <SimpleTable
      label={t("git.bindings")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
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
      ]}
    />
  );
}
