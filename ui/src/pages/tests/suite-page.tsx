/** One test suite: its text, its runs. A new one begins from the flow that the address names. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import { namespaceAbove, Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import "../../editor/editor-frame.css";
import { t } from "../../i18n";
import { pathOf, type Result, type Suite, suiteKey } from "../../suites/model";
import { Results } from "./results";
import { SuiteEditor } from "./suite-editor";

const ABOVE = { title: t("nav.tests"), to: "/main/tests" };

const beginOf = (namespace: string, flow: string) => `id: ${flow}-tests
namespace: ${namespace}
flowId: ${flow}
testCases:
  - id: goes-well
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      inputs: {}
      tasks: []
    assertions:
      - {value: "{{ execution.state }}", equalTo: SUCCESS}
`;

export default function SuitePage() {
  const { namespace, id } = useParams({ strict: false }) as Record<string, string>;
  return namespace && id ? <Known namespace={namespace} id={id} /> : <New />;
}

function New() {
  const [search] = useUrl();
  return (
    <Page title={t("suites.new")} above={[ABOVE]}>
      <SuiteEditor begin={beginOf(search.namespace ?? "company.team", search.flow ?? "my-flow")} />
    </Page>
  );
}

function Known({ namespace, id }: { namespace: string; id: string }) {
  const navigate = useNavigate();
  const path = pathOf({ namespace, id });
  const query = useQuery({
    queryKey: suiteKey(namespace, id),
    queryFn: ({ signal }) => call<Suite>("GET", path, { signal }),
  });
  const results = usePage<Result>({
    key: ["suiteResults", namespace, id],
    path: `${path}/results`,
    query: { sort: undefined },
  });
  const [search] = useUrl();
  const isNewest = (search.page ?? "1") === "1";
  return (
    <Page
      title={id}
      above={[ABOVE, namespaceAbove(namespace)]}
      lead={
        query.data && (
          <Link to={`/main/flows/edit/${namespace}/${query.data.flowId}/tests` as never}>
            {t("suites.ofFlow", { flow: `${namespace} / ${query.data.flowId}` })}
          </Link>
        )
      }
      actions={
        <RemoveButton
          path={path}
          text={t("suites.deleteText", { name: id })}
          done={t("kv.gone", { name: id })}
          stale={[["suites"]]}
          onDone={() => void navigate({ to: "/main/tests" as never })}
        />
      }
    >
      <Loaded query={query}>
        {(suite) => (
          <SuiteEditor
            key={`${namespace}/${id}`}
            suite={suite}
            begin=""
            last={isNewest ? results.data?.results[0] : undefined}
          />
        )}
      </Loaded>
      <Results query={results} />
    </Page>
  );
}
