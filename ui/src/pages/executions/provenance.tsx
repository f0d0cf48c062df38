/** Where an execution came from: repository and commit, trigger, labels, who started it, the first of all. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Execution } from "../../api/types";
import { ownedOf, useOrigin } from "../../changes/origin";
import { labelsText } from "../../design/execution-columns";
import { Panel } from "../../design/panel";
import { t } from "../../i18n";
import { ExecutionLink } from "./execution-link";
import { familyOf } from "./family";

export function Provenance({ execution }: { execution: Execution }) {
  const { namespace, flowId, commit, trigger, labels } = execution;
  const origin = ownedOf(useOrigin("FLOW", `${namespace}/${flowId}`, commit !== undefined).data);
  const { callerId, rootId, replayOf } = familyOf(execution);
  const rows: [string, ReactNode][] = [
    [t("origin.field.url"), origin && `${origin.url ?? ""} @ ${origin.ref}`],
    [t("origin.field.path"), origin?.path],
    [
      t("origin.field.commit"),
      commit && <Commit sha={commit} subject={subjectOf(origin, commit)} />,
    ],
    [t("execution.trigger"), trigger?.id],
    [t("execution.labels"), labelsText(labels)],
    [t("execution.parent"), callerId && <ExecutionLink id={callerId} />],
    [t("execution.root"), rootId && <ExecutionLink id={rootId} />],
    [t("related.original"), replayOf && <ExecutionLink id={replayOf} />],
  ];
  const shown = rows.filter(([, value]) => value);
  if (shown.length === 0) return null;
  return (
    <Panel title={t("execution.from")}>
      <dl className="values panel-body">
        {shown.map(([name, value]) => (
          <Row key={name} name={name} value={value} />
        ))}
      </dl>
    </Panel>
  );
}

/** The message is known of the commit that is applied now; another one has its id only. */
const subjectOf = (origin: { commit?: string; subject?: string } | null, commit: string) =>
  origin?.commit === commit ? origin.subject : undefined;

function Row({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Commit({ sha, subject }: { sha: string; subject?: string }) {
  return (
    <>
      <Link className="mono" to="/main/executions" search={{ commit: sha } as never}>
        {sha}
      </Link>{" "}
      {subject}
    </>
  );
}
