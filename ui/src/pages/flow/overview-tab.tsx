/** What a flow is for, where it comes from, what starts it. */

import type { Flow } from "../../api/types";
import { type Owned, ownedOf, useOrigin } from "../../changes/origin";
import { Markdown } from "../../design/markdown";
import { Panel } from "../../design/panel";
import { StateBadge } from "../../design/state-badge";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import { ExecutionList } from "./executions-tab";

export function OverviewTab({ flow }: { flow: Flow }) {
  const { data } = useOrigin("FLOW", `${flow.namespace}/${flow.id}`);
  const origin = ownedOf(data);
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
            <Values values={placeOf(origin)} />
            {origin.suspended && (
              <p>
                <StateBadge state="Suspended" /> {t("origin.suspended")}
              </p>
            )}
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
      <ExecutionList flow={flow} />
    </>
  );
}

const FIELDS = ["url", "ref", "path", "commit", "subject", "author", "binding"] as const;

const placeOf = (origin: Owned) =>
  Object.fromEntries(
    FIELDS.filter((name) => origin[name]).map((name) => [t(`origin.field.${name}`), origin[name]]),
  );
