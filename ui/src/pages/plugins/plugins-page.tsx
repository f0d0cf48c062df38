/** The reference of types: a list to search, and one type's page. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { TypePage } from "../../reference/type-page";
import "./plugins.css";

type Entry = { cls: string; title?: string; deprecated?: boolean; found?: string[] };
type Group = { name: string; title: string; group: string } & Record<string, unknown>;

const KINDS = ["tasks", "triggers", "conditions", "taskRunners", "logExporters"];

const entriesOf = (group: Group): Entry[] =>
  KINDS.flatMap((kind) => (Array.isArray(group[kind]) ? (group[kind] as Entry[]) : []));

export default function PluginsPage() {
  const { type } = useParams({ strict: false }) as Record<string, string | undefined>;
  const [search] = useUrl();
  return (
    <Page
      title={type ? (type.split(".").at(-1) ?? type) : t("nav.plugins")}
      above={type ? [{ title: t("nav.plugins"), to: "/main/plugins" }] : []}
    >
      <div className="plugins">
        <Panel title={t("plugins.types")}>
          <div className="panel-body">
            <FilterBox name="q" label={t("filter.text")} />
          </div>
          {search.q ? <Found q={search.q} /> : <All />}
        </Panel>
        {type ? (
          <TypePage key={type} type={type} />
        ) : (
          <Panel>
            <p className="panel-body muted">{t("plugins.choose")}</p>
          </Panel>
        )}
      </div>
    </Page>
  );
}

/** What the server finds in names, titles, properties and examples, and where. */
function Found({ q }: { q: string }) {
  const query = useQuery<Entry[]>({
    queryKey: ["plugins", "search", q],
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) => call<Entry[]>("GET", "/plugins/search", { signal, query: { q } }),
  });
  return (
    <Loaded query={query} isEmpty={(rows) => rows.length === 0} empty={t("plugins.nothing")}>
      {(rows) => (
        <div className="plugin-list">
          <Types entries={rows} />
        </div>
      )}
    </Loaded>
  );
}

function All() {
  const query = useQuery({
    queryKey: ["plugins"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Group[]>("GET", "/plugins", { signal }),
  });
  return (
    <Loaded query={query} rows={12}>
      {(groups) => (
        <div className="plugin-list">
          {groups.map((group) => (
            <section key={group.group} aria-label={group.title}>
              <h3>{group.title}</h3>
              <Types entries={entriesOf(group)} />
            </section>
          ))}
        </div>
      )}
    </Loaded>
  );
}

function Types({ entries }: { entries: Entry[] }) {
  const [search] = useUrl();
  return (
    <ul>
      {entries.map(({ cls, title, deprecated, found }) => (
        <li key={cls}>
          <Link
            to={`/main/plugins/${cls}` as never}
            search={{ q: search.q } as never}
            title={title ?? cls}
          >
            {cls.split(".").slice(-2).join(".")}
          </Link>
          {deprecated && <span className="muted"> {t("plugins.deprecated")}</span>}
          {found && !found.includes("name") && <span className="muted"> {found.join(", ")}</span>}
        </li>
      ))}
    </ul>
  );
}
