/** One type: what it is for, its properties and outputs, an example to copy. */

import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { Copy } from "../design/copy";
import { Loaded, Panel } from "../design/panel";
import { SimpleTable } from "../design/simple-table";
import { t } from "../i18n";
import "./reference.css";
import { exampleOf, type Properties, type Property, typeText } from "./schema";

type Documentation = {
  markdown: string;
  schema: { properties: Properties; outputs: Properties };
};

export function TypePage({ type }: { type: string }) {
  const query = useQuery({
    queryKey: ["plugin", type],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Documentation>("GET", `/plugins/${type}`, { signal }),
  });
  return (
    <div style={{ display: "grid", gap: 16, minWidth: 0 }}>
      <Loaded query={query} rows={12}>
        {({ schema }) => (
          <>
            <Panel title={type}>
              <div className="panel-body">
                <p>{schema.properties.description}</p>
                <Example type={type} properties={schema.properties} />
              </div>
            </Panel>
            <Table title={t("plugins.properties")} of={schema.properties} />
            <Table title={t("plugins.outputs")} of={schema.outputs} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Example({ type, properties }: { type: string; properties: Properties }) {
  const text = exampleOf(type, properties);
  return (
    <>
      <pre className="mono">{text}</pre>
      <Group>
        <Copy text={text} />
      </Group>
    </>
  );
}

function Table({ title, of }: { title: string; of: Properties }) {
  const rows = Object.entries(of.properties ?? {}).filter(([name]) => name !== "type");
  const required = new Set(of.required ?? []);
  return (
    <Panel title={title}>
      {rows.length === 0 ? (
        <p className="panel-body muted">{t("plugins.none")}</p>
      ) : (
        <div className="properties">
          <SimpleTable<[string, Property]>
            label={title}
            rows={rows}
            rowKey={([name]) => name}
            columns={[
              {
                id: "name",
                title: t("plugins.property"),
                cell: ([name]) => (
                  <span className="mono">
                    {name}
                    {required.has(name) ? " *" : ""}
                  </span>
                ),
              },
              { id: "type", title: t("column.type"), cell: ([, property]) => typeText(property) },
              {
                id: "default",
                title: t("plugins.default"),
                cell: ([, property]) =>
                  property.default === undefined || property.default === null
                    ? ""
                    : JSON.stringify(property.default),
              },
              {
                id: "description",
                title: t("column.description"),
                cell: ([, property]) => property.description,
              },
            ]}
          />
        </div>
      )}
    </Panel>
  );
}
