/** What flows of a namespace inherit: variables and plugin defaults. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { Values, valueText } from "../../design/values";
import { t } from "../../i18n";

type Default = { type: string; forced?: boolean; values?: unknown; namespace?: string };

export function DefaultsTab({ namespace }: { namespace: string }) {
  const variables = useQuery({
    queryKey: ["namespace", namespace, "variables"],
    queryFn: ({ signal }) =>
      call<Record<string, unknown>>("GET", `/namespaces/${namespace}/inherited-variables`, {
        signal,
      }),
  });
  const defaults = useQuery({
    queryKey: ["namespace", namespace, "defaults"],
    queryFn: ({ signal }) =>
      call<Default[]>("GET", `/namespaces/${namespace}/inherited-plugindefaults`, { signal }),
  });
  return (
    <>
      <Panel title={t("namespace.variables")}>
        <Loaded
          query={variables}
          isEmpty={(found) => Object.keys(found).length === 0}
          empty={t("namespace.noVariables")}
        >
          {(found) => (
            <div className="panel-body">
              <Values values={found} />
            </div>
          )}
        </Loaded>
      </Panel>
      <Panel title={t("namespace.pluginDefaults")}>
        <Loaded
          query={defaults}
          isEmpty={(found) => found.length === 0}
          empty={t("namespace.noDefaults")}
        >
          {(found) => <pre className="panel-body mono">{valueText(found)}</pre>}
        </Loaded>
      </Panel>
    </>
  );
}
