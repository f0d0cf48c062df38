/** One type: what it is for, where it runs, its properties and outputs, examples. */

import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "../api/client";
import { Markdown } from "../design/markdown";
import { Loaded, Panel } from "../design/panel";
import { t } from "../i18n";
import { type Example, Examples } from "./examples";
import { PropertyList } from "./property-list";
import "./reference.css";
import type { Definitions, Properties } from "./schema";

type Documentation = {
  markdown: string;
  schema: { properties: Properties; outputs?: Properties; definitions?: Definitions };
  kind: string;
  version: string;
  queue?: string;
  aliases: string[];
  deprecated: boolean;
  examples: Example[];
};

export function TypePage({ type }: { type: string }) {
  const query = useQuery({
    queryKey: ["plugin", type],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Documentation>("GET", `/plugins/${type}`, { signal }),
  });
  return (
    <div className="type-page">
      <Loaded query={query} rows={12}>
        {(found) => <Shown type={type} found={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ type, found }: { type: string; found: Documentation }) {
  const { schema } = found;
  const known = schema.definitions ?? {};
  useEffect(() => {
    // the page is there only now: the browser has looked for the anchor too early
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <>
      <Panel title={type}>
        <div className="panel-body">
          {found.deprecated && <Alert color="yellow">{t("plugins.isDeprecated")}</Alert>}
          <Markdown text={schema.properties.description ?? ""} />
          <Facts found={found} />
        </div>
      </Panel>
      <Examples
        type={type}
        kind={found.kind}
        properties={schema.properties}
        examples={found.examples}
      />
      <PropertyList
        title={t("plugins.properties")}
        anchor="property"
        of={schema.properties}
        known={known}
      />
      <PropertyList
        title={t("plugins.outputs")}
        anchor="output"
        of={schema.outputs ?? {}}
        known={known}
      />
    </>
  );
}

/** Where it runs, since when it is there, what else it is called. */
function Facts({ found: { queue, version, aliases } }: { found: Documentation }) {
  return (
    <dl className="facts">
      <dt>{t("plugins.queue")}</dt>
      <dd>{queue ? <code>{queue}</code> : t("plugins.noQueue")}</dd>
      <dt>{t("plugins.version")}</dt>
      <dd>{version}</dd>
      {aliases.length > 0 && (
        <>
          <dt>{t("plugins.aliases")}</dt>
          <dd>
            {aliases.map((name) => (
              <code key={name}>{name} </code>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}
