/** Plugin defaults of a namespace: its own to edit, and all that count, the nearest first. */

import { Loaded, Panel } from "../../design/panel";
import { SimpleTable } from "../../design/simple-table";
import { valueText } from "../../design/values";
import { t } from "../../i18n";
import { Origin } from "./origin-link";
import { useHandedDown } from "./record";
import { OwnPart } from "./yaml-part";

export function PluginDefaultsTab({ namespace }: { namespace: string }) {
  return (
    <>
      <OwnPart
        namespace={namespace}
        part="pluginDefaults"
        title={t("namespace.ownDefaults")}
        hint={t("namespace.defaultsHint")}
      />
      <Effective namespace={namespace} />
    </>
  );
}

type Default = { type?: string; forced?: boolean; values?: unknown };

function Effective({ namespace }: { namespace: string }) {
  const query = useHandedDown(namespace);
  return (
    <Panel title={t("namespace.effective")}>
      <Loaded
        query={query}
        isEmpty={({ pluginDefaults }) => pluginDefaults.length === 0}
        empty={t("namespace.noDefaults")}
      >
        {({ pluginDefaults }) => (
          <SimpleTable
            label={t("namespace.effective")}
            rows={pluginDefaults.map((row, at) => ({ ...row, at, of: row.value as Default }))}
            rowKey={({ at }) => String(at)}
            columns={[
              { id: "type", title: t("column.type"), cell: ({ of }) => <code>{of.type}</code> },
              {
                id: "forced",
                title: t("namespace.forced"),
                cell: ({ of }) => (of.forced ? t("namespace.isForced") : ""),
              },
              {
                id: "values",
                title: t("kv.value"),
                cell: ({ of }) => <pre className="mono wrapped">{valueText(of.values)}</pre>,
              },
              {
                id: "from",
                title: t("namespace.from"),
                cell: (row) => <Origin of={row.namespace} at={namespace} tab="plugin-defaults" />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
