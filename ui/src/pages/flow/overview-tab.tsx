/** What a flow is for, whose it is, what is wrong with it, where it comes from, when it runs next. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Flow } from "../../api/types";
import { type Owned, ownedOf, useOrigin } from "../../changes/origin";
import { Markdown } from "../../design/markdown";
import { Panel } from "../../design/panel";
import { StateBadge } from "../../design/state-badge";
import { Values } from "../../design/values";
import { findProblems } from "../../editor/problems";
import { t } from "../../i18n";
import { ExecutionList } from "./executions-tab";
import { NextRuns } from "./next-runs";

export function OverviewTab({ flow }: { flow: Flow }) {
  const { data } = useOrigin("FLOW", `${flow.namespace}/${flow.id}`);
  const origin = ownedOf(data);
  return (
    <>
      <OpenProblems flow={flow} />
      {(flow.description || flow.labels?.length) && (
        <Panel title={t("flow.description")}>
          <div className="panel-body">
            {flow.description && <Markdown text={flow.description} />}
            {flow.labels && flow.labels.length > 0 && (
              <div className="flow-labels">
                {flow.labels.map(({ key, value }) => (
                  <Link
                    key={key}
                    className="mono"
                    to={"/main/flows" as never}
                    search={{ labels: `${key}:${value}` } as never}
                  >
                    {`${key}:${value}`}
                  </Link>
                ))}
              </div>
            )}
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
      {flow.triggers && flow.triggers.length > 0 && <NextRuns flow={flow} />}
      <ExecutionList flow={flow} />
    </>
  );
}

/** What the server would say to the source if it were saved now; a line leads into the editor. */
function OpenProblems({ flow }: { flow: Flow }) {
  const { namespace, id, revision, source = "" } = flow;
  const query = useQuery({
    queryKey: ["problems", namespace, id, revision],
    enabled: source !== "",
    staleTime: 60_000,
    queryFn: ({ signal }) => findProblems(source, signal),
  });
  const problems = query.data ?? [];
  const edit = `/main/flows/edit/${namespace}/${id}/edit`;
  if (problems.length === 0 && !flow.disabled) return null;
  return (
    <Panel title={t("flow.problems")}>
      <div className="panel-body">
        {flow.disabled && <p>{t("flow.isDisabled")}</p>}
        <ul>
          {problems.map(({ line, path, message, severity }) => (
            <li key={`${line}${path}${message}`}>
              <strong>{t(severity === "error" ? "editor.error" : "editor.warning")}</strong>{" "}
              <span className="mono">{path}</span> {message}
            </li>
          ))}
        </ul>
        {problems.length > 0 && <Link to={edit as never}>{t("flow.mend")}</Link>}
      </div>
    </Panel>
  );
}

const FIELDS = ["url", "ref", "path", "commit", "subject", "author", "binding"] as const;

const placeOf = (origin: Owned) =>
  Object.fromEntries(
    FIELDS.filter((name) => origin[name]).map((name) => [t(`origin.field.${name}`), origin[name]]),
  );
