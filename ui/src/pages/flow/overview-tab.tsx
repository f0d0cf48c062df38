/** What a flow is for, where it comes from, what starts it. */

import type { Flow } from "../../api/types";
import { Markdown } from "../../design/markdown";
import { Panel } from "../../design/panel";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import { ExecutionsTab } from "./executions-tab";

type Origin = { repository?: string; path?: string; commit?: string; author?: string };

export function OverviewTab({ flow }: { flow: Flow }) {
  const origin = (flow as { gitSource?: Origin }).gitSource;
  return (
    <>
      {flow.description && (
        <Panel title={t("flow.description")}>
          <div className="panel-body">
            <Markdown text={flow.description} />
          </div>
        </Panel>
      )}
      {origin && (
        <Panel title={t("flow.origin")}>
          <div className="panel-body">
            <Values values={origin} />
          </div>
        </Panel>
      )}
      {flow.triggers && flow.triggers.length > 0 && (
        <Panel title={t("column.triggers")}>
          <table className="data">
            <tbody>
              {flow.triggers.map((trigger) => (
                <tr key={trigger.id}>
                  <td>{trigger.id}</td>
                  <td className="mono">{trigger.type}</td>
                  <td>{trigger.disabled && t("flows.disabled")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      <ExecutionsTab flow={flow} />
    </>
  );
}
