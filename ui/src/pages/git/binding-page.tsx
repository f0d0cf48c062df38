/** One binding: status, resources with their drift, plan, history, settings. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Binding } from "../../api/types-more";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { StateBadge } from "../../design/state-badge";
import { Tabs } from "../../design/tabs";
import { Values } from "../../design/values";
import { type Key, t } from "../../i18n";
import { BindingActions } from "./binding-actions";
import { HistoryTab } from "./history-tab";
import { PlanTab } from "./plan-tab";
import { ResourcesTab } from "./resources-tab";
import { StatusTab } from "./status-tab";

const TABS = {
  status: StatusTab,
  resources: ResourcesTab,
  plan: PlanTab,
  history: HistoryTab,
  settings: SettingsTab,
} as const;

export default function BindingPage() {
  const { binding = "", tab = "status" } = useParams({ strict: false }) as Record<string, string>;
  const query = useQuery({
    queryKey: ["binding", binding],
    refetchInterval: 5_000,
    queryFn: ({ signal }) => call<Binding>("GET", `/gitops/bindings/${binding}`, { signal }),
  });
  const Shown = TABS[tab as keyof typeof TABS] ?? StatusTab;
  const found = query.data;
  return (
    <Page
      title={binding}
      lead={
        found && (
          <>
            <StateBadge state={found.sync} />
            <StateBadge state={found.health} />
          </>
        )
      }
      actions={found && <BindingActions binding={found} />}
    >
      <Tabs
        label={t("git.parts")}
        base={`/main/git/${binding}`}
        tabs={Object.keys(TABS).map((id) => ({ id, title: t(`git.${id}` as Key) }))}
      />
      <Loaded query={query}>{(row) => <Shown binding={row} />}</Loaded>
    </Page>
  );
}

function SettingsTab({ binding }: { binding: Binding }) {
  const { path, namespace, layout, policy } = binding;
  return (
    <Panel title={t("git.settings")}>
      <div className="panel-body">
        <Values values={{ path, namespace, layout, ...policy }} />
        <p className="muted">{t("git.settingsHint", { name: binding.name })}</p>
      </div>
    </Panel>
  );
}
