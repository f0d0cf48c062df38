/** One flow: where it comes from, its runs, its source, its past. */

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useParams } from "@tanstack/react-router";
import type { Flow } from "../../api/types";
import { Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { Tabs } from "../../design/tabs";
import { RunForm } from "../../forms/run-form";
import { type Key, t } from "../../i18n";
import { EditTab } from "./edit-tab";
import "./flow-page.css";
import { ExecutionsTab } from "./executions-tab";
import { OverviewTab } from "./overview-tab";
import { RevisionsTab } from "./revisions-tab";
import { TopologyTab } from "./topology-tab";
import { useFlow } from "./use-flow";

const TABS = ["overview", "topology", "edit", "executions", "revisions"] as const;

export default function FlowPage() {
  const {
    namespace = "",
    id = "",
    tab = "overview",
  } = useParams({ strict: false }) as Record<string, string>;
  const query = useFlow(namespace, id);
  const [running, { open, close }] = useDisclosure(false);
  return (
    <Page
      title={id}
      lead={<span className="muted">{namespace}</span>}
      actions={
        <Button onClick={open} disabled={!query.data || query.data.disabled}>
          {t("flow.run")}
        </Button>
      }
    >
      <Tabs
        label={t("flow.tabs")}
        base={`/main/flows/edit/${namespace}/${id}`}
        tabs={TABS.map((name) => ({ id: name, title: t(`flow.${name}` as Key) }))}
      />
      <Loaded query={query}>
        {(flow) => (
          <>
            <Shown tab={tab} flow={flow} onRun={open} />
            <RunForm flow={flow} opened={running} onClose={close} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Shown({ tab, flow, onRun }: { tab: string; flow: Flow; onRun: () => void }) {
  switch (tab) {
    case "edit":
      return <EditTab flow={flow} onRun={onRun} />;
    case "topology":
      return <TopologyTab flow={flow} />;
    case "executions":
      return <ExecutionsTab flow={flow} />;
    case "revisions":
      return <RevisionsTab flow={flow} />;
    default:
      return <OverviewTab flow={flow} />;
  }
}
