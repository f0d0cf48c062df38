/** When the flow last went well, and what of it has changed since. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

function useLastSuccess({ id, namespace, flowId, state }: Execution) {
  return useQuery({
    queryKey: ["lastSuccess", id],
    queryFn: async ({ signal }) => {
      const query = {
        "filters[namespace][EQUALS]": namespace,
        "filters[flowId][EQUALS]": flowId,
        "filters[state][EQUALS]": "SUCCESS",
        "filters[startDate][LESS_THAN]": state.startDate,
        sort: "state.startDate:desc",
        size: 1,
      };
      const page = await call<Page<Execution>>("GET", "/executions/search", { signal, query });
      return page.results[0] ?? null;
    },
  });
}

export function SinceSuccess({ execution }: { execution: Execution }) {
  const { data: last } = useLastSuccess(execution);
  if (last === undefined) return null;
  if (last === null) return <p className="muted">{t("execution.neverWell")}</p>;
  const { namespace, flowId } = execution;
  const place = `/main/executions/${namespace}/${flowId}/${last.id}/overview`;
  return (
    <p>
      {t("execution.lastWell")}{" "}
      <Link to={place as never}>
        <Moment at={last.state.startDate} />
      </Link>
      . <Changed last={last} now={execution} />
    </p>
  );
}

function Changed({ last, now }: { last: Execution; now: Execution }) {
  const [left, right] = [last.flowRevision, now.flowRevision];
  const isCommitNew = last.commit !== now.commit && last.commit && now.commit;
  return (
    <>
      {left === right ? (
        t("execution.sameRevision")
      ) : (
        <Link
          to={`/main/flows/edit/${now.namespace}/${now.flowId}/revisions` as never}
          search={{ left, right } as never}
        >
          {t("execution.diffSince", { left, right })}
        </Link>
      )}{" "}
      {isCommitNew && (
        <span className="mono">{`${last.commit?.slice(0, 8)} → ${now.commit?.slice(0, 8)}`}</span>
      )}
    </>
  );
}
