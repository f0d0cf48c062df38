/** One execution: what happens, why it failed, and what can be done about it. */

import { useParams } from "@tanstack/react-router";
import { namespaceAbove, Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";
import { Audit } from "./audit-tab";
import { ExecutionActions } from "./execution-actions";
import { Gantt } from "./gantt";
import { Lead } from "./lead";
import { Logs } from "./logs-tab";
import { Metrics } from "./metrics-tab";
import { Outputs } from "./outputs-tab";
import { Overview } from "./overview-tab";
import { Related } from "./related-tab";
import { Topology } from "./topology-tab";
import { useExecution } from "./use-execution";

const TABS = {
  overview: Overview,
  gantt: Gantt,
  logs: Logs,
  topology: Topology,
  outputs: Outputs,
  metrics: Metrics,
  related: Related,
  audit: Audit,
} as const;

export default function ExecutionPage() {
  const { id, namespace, flow, tab } = useParams({ strict: false }) as Record<string, string>;
  const { query } = useExecution(id ?? "");
  const Shown = TABS[tab as keyof typeof TABS] ?? Overview;
  return (
    <Page
      title={`${flow} / ${id?.slice(0, 8)}`}
      above={[
        { title: t("nav.executions"), to: "/main/executions" },
        namespaceAbove(namespace ?? ""),
      ]}
      lead={query.data && <Lead execution={query.data} />}
      actions={query.data && <ExecutionActions execution={query.data} />}
    >
      <Tabs
        label={t("execution.tabs")}
        base={`/main/executions/${namespace}/${flow}/${id}`}
        tabs={Object.keys(TABS).map((name) => ({ id: name, title: t(`execution.${name}` as Key) }))}
      />
      <Loaded query={query}>{(execution) => <Shown execution={execution} />}</Loaded>
    </Page>
  );
}
