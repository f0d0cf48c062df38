/** The reference of types: a list to search, and one type's page. */

import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import "./plugins.css";
import { TypePage } from "../../reference/type-page";

type Entry = { cls: string; title?: string; deprecated?: boolean };
type Group = { name: string; title: string; group: string } & Record<string, unknown>;

const KINDS = ["tasks", "triggers", "conditions", "taskRunners", "logExporters"];

const entriesOf = (group: Group): Entry[] =>
  KINDS.flatMap((kind) => (Array.isArray(group[kind]) ? (group[kind] as Entry[]) : []));

export default function PluginsPage() {
  const { type } = useParams({ strict: false }) as Record<string, string | undefined>;
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["plugins"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Group[]>("GET", "/plugins", { signal }),
  });
  const find = (search.q ?? "").toLowerCase();
  const fits = ({ cls, title = "" }: Entry) => `${cls} ${title}`.toLowerCase().includes(find);
  return (
    <Page title={type ? (type.split(".").at(-1) ?? type) : t("nav.plugins")}>
      <div className="plugins">
        <Panel title={t("plugins.types")}>
          <div className="panel-body">
            <TextInput
              label={t("filter.text")}
              type="search"
              value={search.q ?? ""}
              onChange={(event) => change({ q: event.currentTarget.value })}
            />
          </div>
          <Loaded query={query} rows={12}>
            {(groups) => (
              <div className="plugin-list">
                {groups.map((group) => (
                  <Types key={group.group} group={group} entries={entriesOf(group).filter(fits)} />
                ))}
              </div>
            )}
          </Loaded>
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

function Types({ group, entries }: { group: Group; entries: Entry[] }) {
  const [search] = useUrl();
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{group.title}</h3>
      <ul>
        {entries.map(({ cls, title, deprecated }) => (
          <li key={cls}>
            <Link
              to={`/main/plugins/${cls}` as never}
              search={{ q: search.q } as never}
              title={title ?? cls}
            >
              {cls.split(".").slice(-2).join(".")}
            </Link>
            {deprecated && <span className="muted"> {t("plugins.deprecated")}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
