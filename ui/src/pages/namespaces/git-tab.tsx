/** The bindings that bring flows or files of this namespace from a repository. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding } from "../../api/types-more";
import { nameColumn, stateColumns } from "../../changes/binding-columns";
import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import { touches } from "./touches";

export function GitTab({ namespace }: { namespace: string }) {
  const query = useQuery({
    queryKey: ["bindings", "of", namespace],
    refetchInterval: 10_000,
    queryFn: async ({ signal }) => {
      const { results } = await call<Page<Binding>>("GET", "/gitops/bindings", { signal });
      return results.filter((binding) => touches(binding.namespace, namespace));
    },
  });
  return (
    <Panel title={t("nav.git")}>
      <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={<Nothing />}>
        {(rows) => (
          <SimpleTable
            label={t("nav.git")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              nameColumn,
              {
                id: "namespace",
                title: t("column.namespace"),
                cell: (row) => row.namespace || t("namespace.all"),
              },
              { id: "path", title: t("files.path"), cell: (row) => <code>{row.path || "/"}</code> },
              ...stateColumns,
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Nothing() {
  return (
    <>
      {t("namespace.noGit")}{" "}
      <Link to={"/main/git/sources" as never} search={{ connect: "true" } as never}>
        {t("git.connect")}
      </Link>
    </>
  );
}
