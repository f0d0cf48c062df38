/** One binding: status, resources with their drift, plan, history, settings. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Binding } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { StateBadge } from "../../design/state-badge";
import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";
import { BindingActions } from "./binding-actions";
import { BindingForm } from "./edit-forms";
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
  return (
    <Panel title={t("git.settings")}>
      <div className="panel-body">
        <BindingForm row={binding} />
        <Forget binding={binding} />
      </div>
    </Panel>
  );
}

function Forget({ binding: { name } }: { binding: Binding }) {
  const navigate = useNavigate();
  const forget = useAct({
    act: () => call("DELETE", `/gitops/bindings/${name}`),
    done: () => {
      void navigate({ to: "/main/git" });
      return t("git.forgotten", { name });
    },
    stale: [["bindings"], ["sources"]],
  });
  return (
    <Confirm
      title={t("git.forget")}
      text={t("git.forgetBinding", { name })}
      action={t("git.forget")}
      typed={name}
      onConfirm={() => forget.mutate()}
    >
      {(open) => (
        <Button variant="default" onClick={open}>
          {t("git.forget")}
        </Button>
      )}
    </Confirm>
  );
}
