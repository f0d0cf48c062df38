/** Ready-made flows: find one, read it, look at its picture, begin a flow of one's own with it. */

import { Group, Modal, MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { BELOW, BlueprintView } from "./blueprint-view";

type Blueprint = { id: string; title: string; description?: string; tags?: string[] };

/** `blueprint` in the query, or the last part of the address, says which one is open. */
export default function BlueprintsPage() {
  const [search, change] = useUrl();
  const { id } = useParams({ strict: false }) as { id?: string };
  const navigate = useNavigate();
  const query = usePage<Blueprint>({
    key: ["blueprints"],
    path: BELOW,
    query: { q: search.q, "filters[tags][IN]": search.tags },
  });
  const chosen = search.blueprint ?? id;
  const close = () =>
    id ? void navigate({ to: "/main/blueprints" }) : change({ blueprint: undefined });
  return (
    <Page title={t("nav.blueprints")}>
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <Tags />
      </Group>
      <DataTable
        label={t("nav.blueprints")}
        query={query}
        columns={columnsOf((blueprint) => change({ blueprint }))}
        rowKey={(row) => row.id}
        empty={t("blueprints.empty")}
      />
      <Modal
        opened={chosen !== undefined}
        onClose={close}
        title={query.data?.results.find((row) => row.id === chosen)?.title ?? chosen}
        size="60rem"
      >
        {chosen && <BlueprintView id={chosen} />}
      </Modal>
    </Page>
  );
}

const columnsOf = (open: (id: string) => void): Column<Blueprint>[] => [
  {
    id: "title",
    title: t("blueprints.title"),
    sort: "title",
    cell: (row) => (
      <button type="button" className="plain" onClick={() => open(row.id)}>
        {row.title}
      </button>
    ),
  },
  { id: "description", title: t("column.description"), cell: (row) => row.description },
  { id: "tags", title: t("blueprints.tags"), cell: (row) => row.tags?.join(", ") },
];

/** Those that have one of the tags chosen. */
function Tags() {
  const [search, change] = useUrl();
  const tags = useQuery({
    queryKey: ["blueprints", "tags"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      call<{ id: string; name: string }[]>("GET", `${BELOW}/tags`, { signal }),
  }).data;
  return (
    <MultiSelect
      label={t("blueprints.tags")}
      placeholder={search.tags ? undefined : t("filter.any")}
      clearable
      data={(tags ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={search.tags?.split(",") ?? []}
      onChange={(chosen) => change({ tags: chosen.join(",") || undefined, page: undefined })}
    />
  );
}
