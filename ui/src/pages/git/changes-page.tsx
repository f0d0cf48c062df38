/** Edits that were proposed to a repository, and where their pull requests are. */

import type { Change } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { Page } from "../../design/page";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { GitTabs, Sha } from "./git-tabs";

export default function ChangesPage() {
  const query = usePage<Change>({ key: ["changes"], path: "/gitops/changes" });
  return (
    <Page title={t("git.changes")}>
      <GitTabs />
      <DataTable
        label={t("git.changes")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("git.noChanges")}
      />
    </Page>
  );
}

const columns: Column<Change>[] = [
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
];

function Pull({ change }: { change: Change }) {
  if (change.error) return change.error;
  const isAddress = change.url?.startsWith("http");
  return isAddress ? <a href={change.url}>#{change.number}</a> : t("git.noPull");
}
