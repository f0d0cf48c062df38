/** The variables of a namespace: its own to edit, and those that count, with where each is from. */

import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { valueText } from "../../design/values";
import { t } from "../../i18n";
import { Origin } from "./origin-link";
import { useHandedDown } from "./record";
import { OwnPart } from "./yaml-part";

export function VariablesTab({ namespace }: { namespace: string }) {
  return (
    <>
      <OwnPart
        namespace={namespace}
        part="variables"
        title={t("namespace.ownVariables")}
        hint={t("namespace.variablesHint")}
      />
      <Effective namespace={namespace} />
    </>
  );
}

function Effective({ namespace }: { namespace: string }) {
  const query = useHandedDown(namespace);
  return (
    <Panel title={t("namespace.effective")}>
      <Loaded
        query={query}
        isEmpty={({ variables }) => variables.length === 0}
        empty={t("namespace.noVariables")}
      >
        {({ variables }) => (
          <SimpleTable
            label={t("namespace.effective")}
            rows={variables}
            rowKey={(row) => row.key}
            columns={[
              { id: "key", title: t("kv.key"), cell: (row) => <code>{row.key}</code> },
              {
                id: "value",
                title: t("kv.value"),
                cell: (row) => <pre className="mono wrapped">{valueText(row.value)}</pre>,
              },
              {
                id: "from",
                title: t("namespace.from"),
                cell: (row) => <Origin of={row.namespace} at={namespace} tab="variables" />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
