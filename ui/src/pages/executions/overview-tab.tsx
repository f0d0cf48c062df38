/** Why it failed or waits, then what went in, when its states changed, what came out. */

import type { Execution } from "../../api/types";
import { Panel } from "../../design/panel";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import "./execution.css";
import { Provenance } from "./provenance";
import { Timeline } from "./timeline";
import { useWaiting, Waiting } from "./waiting";
import { Why } from "./why-panel";

const WAITS = new Set(["CREATED", "QUEUED", "PAUSED", "RETRYING", "RESTARTED"]);

export function Overview({ execution }: { execution: Execution }) {
  const mayWait = WAITS.has(execution.state.current);
  const waits = useWaiting(execution, mayWait).data?.cause !== undefined && mayWait;
  return (
    <>
      {waits && (
        <Panel title={t("waiting.title")}>
          <div className="panel-body">
            <Waiting execution={execution} />
          </div>
        </Panel>
      )}
      <Why execution={execution} />
      <Provenance execution={execution} />
      <Group title={t("execution.inputs")} values={execution.inputs} />
      <Group title={t("execution.trigger")} values={execution.trigger?.variables} />
      <Timeline execution={execution} />
      <Group title={t("execution.outputs")} values={execution.outputs} />
    </>
  );
}

function Group({ title, values }: { title: string; values?: Record<string, unknown> }) {
  if (!values || Object.keys(values).length === 0) return null;
  return (
    <Panel title={title}>
      <div className="panel-body">
        <Values values={values} />
      </div>
    </Panel>
  );
}
