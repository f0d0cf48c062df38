/** Whether what runs is what the repositories hold. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

export function Bindings() {
  const query = useQuery({
    queryKey: ["bindings"],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => call<Page<Binding>>("GET", "/gitops/bindings", { signal }),
  });
  return (
    <Panel title={t("nav.git")}>
      <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.empty")}>
        {(page) => (
          <SimpleTable
            label={t("nav.git")}
            rows={page.results}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "name",
                title: t("column.binding"),
                cell: (row) => <Link to={`/main/git/${row.name}/status` as never}>{row.name}</Link>,
              },
              { id: "sync", title: t("git.sync"), cell: (row) => <StateBadge state={row.sync} /> },
              {
                id: "health",
                title: t("git.health"),
                cell: (row) => <StateBadge state={row.health} />,
              },
              {
                id: "commit",
                title: t("git.applied"),
                cell: (row) => <span className="mono">{row.appliedSha?.slice(0, 8)}</span>,
              },
              { id: "at", title: t("git.syncedAt"), cell: (row) => <Moment at={row.syncedAt} /> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
