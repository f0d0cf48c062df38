/** The head of an execution: state, time, what started it, and which version of the flow ran. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Flow } from "../../api/types";
import { ownedOf, useOrigin } from "../../changes/origin";
import { labelsText } from "../../design/execution-columns";
import { StateBadge } from "../../design/state-badge";
import { Duration, Moment } from "../../design/time";
import { t } from "../../i18n";

export function Lead({ execution }: { execution: Execution }) {
  const { state, trigger, labels } = execution;
  const own = labelsText(labels);
  return (
    <>
      <StateBadge state={state.current} />
      <Duration from={state.startDate} to={state.endDate} />
      <Moment at={state.startDate} />
      {trigger && <span>{t("execution.by", { trigger: trigger.id })}</span>}
      <Revision execution={execution} />
      <Commit execution={execution} />
      {own && <span className="muted">{own}</span>}
    </>
  );
}

/** The newest revision of the flow; none where the flow is gone. */
export const useNewest = ({ namespace, flowId }: Execution, enabled = true) =>
  useQuery({
    queryKey: ["flowToRun", namespace, flowId],
    enabled,
    staleTime: 30_000,
    retry: false,
    queryFn: ({ signal }) =>
      call<Flow>("GET", `/executions/flows/${namespace}/${flowId}`, { signal }),
  });

function Revision({ execution }: { execution: Execution }) {
  const { namespace, flowId, flowRevision: revision } = execution;
  const newest = useNewest(execution).data?.revision ?? revision;
  const place = `/main/flows/edit/${namespace}/${flowId}`;
  return (
    <>
      <Link to={`${place}/overview` as never}>{t("execution.revision", { revision })}</Link>
      {newest > revision && (
        <Link
          to={`${place}/revisions` as never}
          search={{ left: revision, right: newest } as never}
        >
          {t("execution.behind", { count: newest - revision })}
        </Link>
      )}
    </>
  );
}

/** The repository is told where the flow still comes from it. */
function Commit({ execution }: { execution: Execution }) {
  const { namespace, flowId, commit } = execution;
  const origin = ownedOf(useOrigin("FLOW", `${namespace}/${flowId}`, commit !== undefined).data);
  if (!commit) return null;
  const repository = origin?.url
    ?.replace(/\.git\/?$/, "")
    .split("/")
    .at(-1);
  return (
    <Link className="mono" to="/main/executions" search={{ commit } as never} title={commit}>
      {repository
        ? `${repository} ${origin?.ref ?? ""}@${commit.slice(0, 8)}`
        : t("execution.commit", { commit: commit.slice(0, 8) })}
    </Link>
  );
}
