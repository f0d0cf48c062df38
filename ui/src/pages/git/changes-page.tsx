/** Edits that were proposed to a repository, and where their pull requests are. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { GitTabs, Sha } from "./git-tabs";

type Change = {
  id: string;
  title: string;
  branch: string;
  sha?: string;
  actor: string;
  url?: string;
  number?: number;
  error?: string;
  paths: string[];
  createdAt: string;
};

export default function ChangesPage() {
  const query = useQuery({
    queryKey: ["changes"],
    queryFn: ({ signal }) => call<ResultPage<Change>>("GET", "/gitops/changes", { signal }),
  });
  return (
    <Page title={t("git.changes")}>
      <GitTabs />
      <Panel title={t("git.changes")}>
        <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.noChanges")}>
          {(page) => (
            <SimpleTable
              label={t("git.changes")}
              rows={page.results}
              rowKey={(row) => row.id}
              columns={[
                { id: "title", title: t("git.message"), cell: (row) => row.title },
                { id: "branch", title: t("git.branch"), cell: (row) => row.branch },
                { id: "sha", title: t("git.commit"), cell: (row) => <Sha sha={row.sha} /> },
                { id: "files", title: t("git.files"), cell: (row) => row.paths.join(", ") },
                { id: "actor", title: t("git.actor"), cell: (row) => row.actor },
                { id: "pull", title: t("git.pull"), cell: (row) => <Pull change={row} /> },
                {
                  id: "at",
                  title: t("column.created"),
                  cell: (row) => <Moment at={row.createdAt} />,
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Pull({ change }: { change: Change }) {
  if (change.error) return change.error;
  const isAddress = change.url?.startsWith("http");
  return isAddress ? <a href={change.url}>#{change.number}</a> : t("git.noPull");
}
