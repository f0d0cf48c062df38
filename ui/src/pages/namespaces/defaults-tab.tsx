/** What flows of a namespace inherit: variables and plugin defaults. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { valueText } from "../../design/values";
import { t } from "../../i18n";
import { HandedDown } from "./handed-down";

type Default = { type: string; forced?: boolean; values?: unknown; namespace?: string };

export function DefaultsTab({ namespace }: { namespace: string }) {
  const defaults = useQuery({
    queryKey: ["namespace", namespace, "defaults"],
    queryFn: ({ signal }) =>
      call<Default[]>("GET", `/namespaces/${namespace}/inherited-plugindefaults`, { signal }),
  });
  return (
    <>
      <HandedDown
        namespace={namespace}
        what="inherited-variables"
        title={t("namespace.variables")}
        empty={t("namespace.noVariables")}
      />
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
