/** One binding: status, resources with their drift, plan, history, settings. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Binding, Source } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Copy } from "../../design/copy";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { StateBadge } from "../../design/state-badge";
import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";
import { bindingYaml } from "./as-yaml";
import { BindingActions } from "./binding-actions";
import { valuesOf } from "./binding-values";
import { BindingForm } from "./edit-forms";
import { ABOVE } from "./git-tabs";
import { HistoryTab } from "./history-tab";
import { PlanTab } from "./plan-tab";
import { Records } from "./records";
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
      above={[ABOVE]}
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
    <>
      <Panel title={t("git.settings")}>
        <div className="panel-body">
          <BindingForm row={binding} />
          <Forget binding={binding} />
        </div>
      </Panel>
      <Records kind="windows" />
      <Records kind="notifications" />
      <AsYaml binding={binding} />
    </>
  );
}

/** What is saved, as a file of a folder that declares bindings. */
function AsYaml({ binding }: { binding: Binding }) {
  const source = useQuery({
    queryKey: ["sources", "one", binding.sourceId],
    queryFn: ({ signal }) => call<Source>("GET", `/gitops/sources/${binding.sourceId}`, { signal }),
  }).data;
  const text = bindingYaml(valuesOf(binding), source?.name ?? "", binding.policy);
  return (
    <Panel title={t("git.asYaml")}>
      <p className="panel-body muted">{t("git.asYamlLead")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls is reached by keys */}
      <pre className="panel-body" tabIndex={0}>
        {text}
      </pre>
      <div className="panel-body">
        <Copy text={text} />
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
