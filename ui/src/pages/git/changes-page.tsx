/** Edits that were proposed to a repository, and where their pull requests are. */

import type { Change } from "../../api/types-more";
import { Checks } from "../../changes/checks";
import { type Pull, pullText, usePulls } from "../../changes/pulls";
import { type Column, DataTable } from "../../design/data-table";
import { Page } from "../../design/page";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { ABOVE, GitTabs, Sha } from "./git-tabs";

export default function ChangesPage() {
  const query = usePage<Change>({ key: ["changes"], path: "/gitops/changes" });
  const pullOf = usePulls(query.data?.results ?? []);
  return (
    <Page title={t("git.changes")} above={[ABOVE]}>
      <GitTabs />
      <DataTable
        label={t("git.changes")}
        query={query}
        columns={[
          ...columns,
          {
            id: "standing",
            title: t("column.state"),
            cell: (row) => standing(row, pullOf(row)),
          },
          {
            id: "checks",
            title: t("checks.title"),
            cell: (row) =>
              row.number && <Checks change={row} isOver={pullOf(row)?.isOpen === false} />,
          },
        ]}
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
  { id: "pull", title: t("git.pull"), cell: (row) => <PullLink change={row} /> },
  {
    id: "at",
    title: t("column.created"),
    cell: (row) => <Moment at={row.createdAt} />,
  },
];

function PullLink({ change }: { change: Change }) {
  if (change.error) return change.error;
  const isAddress = change.url?.startsWith("http");
  if (!isAddress) return t("git.noPull");
  return <a href={change.url}>{change.number ? `#${change.number}` : t("propose.openPull")}</a>;
}

/** Whether a change's pull request is open, as the Git host told by its deliveries. */
function standing(change: Change, pull: Pull | undefined): string {
  if (change.error) return t("git.changeFailed");
  return t(change.number ? pullText(pull) : "git.noPull");
}
