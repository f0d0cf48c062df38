/** One namespace: files, keys, secrets, what it hands down. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Namespace } from "../../api/types-more";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";
import { DefaultsTab } from "./defaults-tab";
import { FilesTab } from "./files-tab";
import { KvTab } from "./kv-tab";
import { SecretsTab } from "./secrets-tab";

const TABS = {
  overview: Overview,
  files: FilesTab,
  kv: KvTab,
  secrets: SecretsTab,
  defaults: DefaultsTab,
} as const;

export default function NamespacePage() {
  const { namespace = "", tab = "" } = useParams({ strict: false }) as Record<string, string>;
  const Shown = TABS[tab as keyof typeof TABS] ?? Overview;
  return (
    <Page title={namespace}>
      <Tabs
        label={t("namespace.parts")}
        base={`/main/namespaces/edit/${namespace}`}
        tabs={Object.keys(TABS).map((id) => ({ id, title: t(`namespace.${id}` as Key) }))}
      />
      <Shown key={namespace} namespace={namespace} />
    </Page>
  );
}

function Overview({ namespace }: { namespace: string }) {
  const query = useQuery({
    queryKey: ["namespace", namespace],
    queryFn: ({ signal }) => call<Namespace>("GET", `/namespaces/${namespace}`, { signal }),
  });
  const LISTS = [
    ["nav.flows", "/main/flows"],
    ["nav.executions", "/main/executions"],
    ["nav.triggers", "/main/triggers"],
    ["nav.logs", "/main/logs"],
  ] as const;
  return (
    <Panel title={t("namespace.overview")}>
      <Loaded query={query}>
        {(found) => (
          <div className="panel-body">
            <p>{found.description ?? t("namespace.plain")}</p>
            <ul>
              {LISTS.map(([label, to]) => (
                <li key={to}>
                  <Link to={to as never} search={{ namespace } as never}>
                    {t(label)}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
