/** How much this installation holds. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Figure } from "../../design/figure";
import { Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";

type Usages = {
  flows: { count: number; namespacesCount: number };
  triggers: { count: number };
  executions: { totalCount: number };
};
type Counted = { total: number };

export default function StatsPage() {
  const query = useQuery({ queryKey: ["stats", "all"], queryFn: ({ signal }) => all(signal) });
  return (
    <Page title={t("admin.stats")}>
      <AdminTabs />
      <Loaded query={query}>
        {(figures) => (
          <div className="figures">
            {figures.map(([label, value]) => (
              <Figure key={label} label={label} value={value} />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

async function all(signal: AbortSignal): Promise<[string, number][]> {
  const one = (path: string) => call<Counted>("GET", path, { signal, query: { size: 1 } });
  const [usages, users, machines, tests, bindings] = await Promise.all([
    call<Usages>("GET", "/usages/all", { signal }),
    one("/users"),
    one("/service-accounts"),
    one("/tests/search"),
    one("/gitops/bindings"),
  ]);
  return [
    [t("nav.namespaces"), usages.flows.namespacesCount],
    [t("nav.flows"), usages.flows.count],
    [t("nav.triggers"), usages.triggers.count],
    [t("nav.executions"), usages.executions.totalCount],
    [t("nav.tests"), tests.total],
    [t("git.bindings"), bindings.total],
    [t("admin.users"), users.total],
    [t("admin.service-accounts"), machines.total],
  ];
}
