/** One namespace: what it holds, what it has from above, what Git brings to it. */

import { useParams } from "@tanstack/react-router";
import { Page, parentsOf } from "../../design/page";
import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";
import { DependenciesTab } from "./dependencies-tab";
import { ExecutionsTab } from "./executions-tab";
import { FilesTab } from "./files-tab";
import { FlowsTab } from "./flows-tab";
import { GitTab } from "./git-tab";
import { KvTab } from "./kv-tab";
import { OverviewTab } from "./overview-tab";
import { PluginDefaultsTab } from "./plugin-defaults-tab";
import { SecretsTab } from "./secrets-tab";
import { VariablesTab } from "./variables-tab";

const TABS = {
  overview: OverviewTab,
  flows: FlowsTab,
  executions: ExecutionsTab,
  files: FilesTab,
  kv: KvTab,
  secrets: SecretsTab,
  variables: VariablesTab,
  "plugin-defaults": PluginDefaultsTab,
  git: GitTab,
  dependencies: DependenciesTab,
} as const;

export default function NamespacePage() {
  const { namespace = "", tab = "" } = useParams({ strict: false }) as Record<string, string>;
  const Shown = TABS[tab as keyof typeof TABS] ?? OverviewTab;
  return (
    <Page
      title={namespace}
      above={[{ title: t("nav.namespaces"), to: "/main/namespaces" }, ...parentsOf(namespace)]}
    >
      <Tabs
        label={t("namespace.parts")}
        base={`/main/namespaces/edit/${namespace}`}
        tabs={Object.keys(TABS).map((id) => ({ id, title: t(`namespace.${id}` as Key) }))}
      />
      <Shown key={namespace} namespace={namespace} />
    </Page>
  );
}
