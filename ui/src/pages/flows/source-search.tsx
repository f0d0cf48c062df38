/** A text, or an expression, in the sources of all flows, each with the lines around it. */

import { Checkbox, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SourceMatch } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import "./flows.css";

const CONTEXT = 1;

const columns: Column<SourceMatch>[] = [
  {
    id: "flow",
    title: t("column.flow"),
    cell: ({ namespace, id }) => (
      <Link to={`/main/flows/edit/${namespace}/${id}/edit` as never}>
        {namespace} / {id}
      </Link>
    ),
  },
  { id: "count", title: t("flows.lines"), cell: (row) => row.count },
  { id: "lines", title: t("editor.source"), cell: (row) => <Lines match={row} /> },
];

function Lines({ match: { around, lines } }: { match: SourceMatch }) {
  const found = new Set(lines.map(({ line }) => line));
  return (
    <ol className="found-lines">
      {around.map(({ line, text }) => (
        <li key={line}>
          <span className="muted mono">{line}</span>
          <code>{found.has(line) ? <mark>{text}</mark> : text}</code>
        </li>
      ))}
    </ol>
  );
}

export function SourceSearch() {
  const [search, change] = useUrl();
  const query = usePage<SourceMatch>({
    key: ["flows", "source"],
    path: "/flows/source",
    query: {
      q: search.text,
      namespace: search.namespace,
      isRegex: search.regex === "true" || undefined,
      context: CONTEXT,
      sort: undefined,
    },
    enabled: Boolean(search.text),
  });
  return (
    <>
      <Group align="end">
        <FilterBox name="text" label={t("flows.sourceText")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
        <Checkbox
          label={t("flows.regex")}
          checked={search.regex === "true"}
          onChange={(event) =>
            change({ regex: event.currentTarget.checked ? "true" : undefined, page: undefined })
          }
        />
      </Group>
      {search.text ? (
        <DataTable
          label={t("flows.source")}
          query={query}
          columns={columns}
          rowKey={({ namespace, id }) => `${namespace}/${id}`}
          empty={t("flows.noSource")}
        />
      ) : (
        <p className="muted">{t("flows.sourceHint")}</p>
      )}
    </>
  );
}
