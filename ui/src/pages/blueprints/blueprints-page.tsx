/** Ready-made flows: read one, and begin a flow of one's own with it. */

import { Button, Group, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { send } from "../../api/client";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { keepDraft } from "../../editor/drafts";
import { t } from "../../i18n";

type Blueprint = { id: string; title: string; description?: string; tags?: string[] };

const BELOW = "/blueprints/community/flow";

export default function BlueprintsPage() {
  const [search, change] = useUrl();
  const query = usePage<Blueprint>({ key: ["blueprints"], path: BELOW, query: { q: search.q } });
  const columns: Column<Blueprint>[] = [
    {
      id: "title",
      title: t("blueprints.title"),
      cell: (row) => (
        <button type="button" className="plain" onClick={() => change({ blueprint: row.id })}>
          {row.title}
        </button>
      ),
    },
    { id: "description", title: t("column.description"), cell: (row) => row.description },
    { id: "tags", title: t("blueprints.tags"), cell: (row) => row.tags?.join(", ") },
  ];
  const chosen = search.blueprint;
  return (
    <Page title={t("nav.blueprints")}>
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t("nav.blueprints")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("blueprints.empty")}
      />
      <Modal
        opened={chosen !== undefined}
        onClose={() => change({ blueprint: undefined })}
        title={chosen}
        size="xl"
      >
        {chosen && <Source id={chosen} />}
      </Modal>
    </Page>
  );
}

function Source({ id }: { id: string }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["blueprint", id],
    queryFn: async ({ signal }) => {
      const headers = { Accept: "application/yaml" };
      return (await send("GET", `${BELOW}/${id}/source`, { signal, headers })).text();
    },
  });
  return (
    <Loaded query={query}>
      {(text) => (
        <>
          <pre className="mono scroll-x">{text}</pre>
          <Group justify="flex-end">
            <Button
              onClick={async () => {
                await keepDraft("new", text);
                await navigate({ to: "/main/flows/new" });
              }}
            >
              {t("blueprints.use")}
            </Button>
          </Group>
        </>
      )}
    </Loaded>
  );
}
