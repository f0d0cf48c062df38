/** How the runs of a suite went: one of them by case and assertion, and the list of all. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Page } from "../../api/types";
import { DataTable } from "../../design/data-table";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { StateBadge } from "../../design/state-badge";
import { Duration, Moment } from "../../design/time";
import { valueText } from "../../design/values";
import { t } from "../../i18n";
import { type CaseResult, holds, type Judgement, type Result } from "../../suites/model";

export function Results({ query }: { query: UseQueryResult<Page<Result>> }) {
  const [search, change] = useUrl();
  const rows = query.data?.results ?? [];
  const shown = rows.find(({ id }) => id === search.result) ?? rows[0];
  return (
    <>
      {shown && <Detail result={shown} />}
      <DataTable
        label={t("suites.results")}
        query={query}
        rowKey={(row) => row.id}
        empty={t("suites.neverRan")}
        columns={[
          {
            id: "state",
            title: t("column.state"),
            cell: (row) => (
              <button
                type="button"
                className="plain"
                aria-current={row.id === shown?.id || undefined}
                onClick={() => change({ result: row.id })}
              >
                <StateBadge state={row.state} />
              </button>
            ),
          },
          { id: "at", title: t("column.started"), cell: (row) => <Moment at={row.startDate} /> },
          {
            id: "took",
            title: t("column.duration"),
            cell: (row) => <Duration from={row.startDate} to={row.endDate} />,
          },
          {
            id: "cases",
            title: t("suites.cases"),
            cell: ({ results }) =>
              t("suites.held", { held: goodOf(results), total: results.length }),
          },
        ]}
      />
    </>
  );
}

const goodOf = (cases: CaseResult[]) =>
  cases.filter(({ state }) => holds({ state } as Result)).length;

function Detail({ result }: { result: Result }) {
  return (
    <Panel title={t("suites.result", { state: result.state })}>
      {result.results.map((one) => (
        <section key={one.testId} className="panel-body" aria-label={one.testId}>
          <p>
            <StateBadge state={one.state} /> <strong>{one.testId}</strong>{" "}
            {one.executionId && (
              <Link
                to={
                  `/main/executions/${result.namespace}/${result.flowId}/${one.executionId}/overview` as never
                }
              >
                {t("suites.execution", { id: one.executionId })}
              </Link>
            )}
          </p>
          {one.errors.map(({ message }) => (
            <p key={message}>{message}</p>
          ))}
          {one.assertionResults.length > 0 && <Judgements of={one} />}
        </section>
      ))}
    </Panel>
  );
}

function Judgements({ of }: { of: CaseResult }) {
  return (
    <SimpleTable<Judgement>
      label={t("suites.assertionsOf", { name: of.testId })}
      rows={of.assertionResults}
      rowKey={({ assertion, operator }) => `${assertion}/${operator}`}
      columns={[
        {
          id: "state",
          title: t("column.state"),
          cell: ({ isSuccess }) => <StateBadge state={isSuccess ? "SUCCESS" : "FAILED"} />,
        },
        { id: "operator", title: t("suites.operator"), cell: ({ operator }) => operator },
        { id: "expected", title: t("suites.expected"), cell: (row) => <Value of={row.expected} /> },
        { id: "actual", title: t("suites.actual"), cell: (row) => <Value of={row.actual} /> },
        {
          id: "why",
          title: t("column.description"),
          cell: ({ description, errorMessage }) => errorMessage ?? description,
        },
      ]}
    />
  );
}

const Value = ({ of }: { of: unknown }) => <code>{valueText(of)}</code>;
