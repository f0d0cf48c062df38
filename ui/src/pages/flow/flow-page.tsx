/** One flow: where it comes from, its runs, its source, its past. */

import { Button } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import type { Flow } from "../../api/types";
import { namespaceAbove, Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { useUrl } from "../../design/search";
import { Tabs } from "../../design/tabs";
import { usePageZone } from "../../design/zone";
import { RunForm } from "../../forms/run-form";
import { type Key, t } from "../../i18n";
import { ConcurrencyTab } from "./concurrency-tab";
import { DependenciesTab } from "./dependencies-tab";
import { EditTab } from "./edit-tab";
import "./flow-page.css";
import { ExecutionsTab } from "./executions-tab";
import { LogsTab } from "./logs-tab";
import { MetricsTab } from "./metrics-tab";
import { OverviewTab } from "./overview-tab";
import { RevisionsTab } from "./revisions-tab";
import { TestsTab } from "./tests-tab";
import { TopologyTab } from "./topology-tab";
import { TriggersTab } from "./triggers-tab";
import { useFlow } from "./use-flow";

const TABS: Record<string, React.FC<{ flow: Flow; onRun: () => void }>> = {
  overview: OverviewTab,
  topology: TopologyTab,
  edit: EditTab,
  executions: ExecutionsTab,
  revisions: RevisionsTab,
  triggers: TriggersTab,
  tests: TestsTab,
  logs: LogsTab,
  metrics: MetricsTab,
  dependencies: DependenciesTab,
  concurrency: ConcurrencyTab,
};

/** With `run=true` in the address the run form is open, filled in from the execution `prefill`. */
export default function FlowPage() {
  const {
    namespace = "",
    id = "",
    tab = "overview",
  } = useParams({ strict: false }) as Record<string, string>;
  const query = useFlow(namespace, id);
  usePageZone(query.data?.triggers?.find(({ timezone }) => timezone)?.timezone);
  const Shown = TABS[tab] ?? OverviewTab;
  const [search, change] = useUrl();
  const open = () => change({ run: "true" });
  const close = () => change({ run: undefined, prefill: undefined });
  return (
    <Page
      title={id}
      above={[{ title: t("nav.flows"), to: "/main/flows" }, namespaceAbove(namespace)]}
      actions={
        tab !== "edit" && ( // the editor's own knows of unsaved text
          <Button onClick={open} disabled={!query.data || query.data.disabled}>
            {t("flow.run")}
          </Button>
        )
      }
    >
      <Tabs
        label={t("flow.tabs")}
        base={`/main/flows/edit/${namespace}/${id}`}
        tabs={Object.keys(TABS).map((name) => ({ id: name, title: t(`flow.${name}` as Key) }))}
      />
      <Loaded query={query}>
        {(flow) => (
          <>
            <Shown key={`${namespace}/${id}`} flow={flow} onRun={open} />
            <RunForm
              flow={flow}
              opened={search.run === "true"}
              onClose={close}
              prefill={search.prefill}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}
