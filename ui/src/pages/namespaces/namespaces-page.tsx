/** All namespaces, as a tree by their names. */

import { Button, Group, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import type { Namespace } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { useUrl } from "../../design/search";
import { TextField } from "../../design/text-field";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";

const depthOf = (id: string) => id.split(".").length - 1;

const columns: Column<Namespace>[] = [
  {
    id: "id",
    title: t("column.namespace"),
    sort: "id",
    cell: ({ id }) => (
      <span style={{ paddingInlineStart: depthOf(id) * 16 }}>
        <Link to={`/main/namespaces/edit/${id}/overview` as never}>{id}</Link>
      </span>
    ),
  },
  { id: "description", title: t("column.description"), cell: (row) => row.description },
  {
    id: "flows",
    title: t("nav.flows"),
    cell: (row) => (
      <Link to={"/main/flows" as never} search={{ namespace: row.id } as never}>
        {t("namespaces.flows")}
      </Link>
    ),
  },
];

export default function NamespacesPage() {
  const [search] = useUrl();
  const [adding, { open, close }] = useDisclosure(false);
  const query = usePage<Namespace>({
    key: ["namespaces"],
    path: "/namespaces/search",
    query: { q: search.q },
  });
  return (
    <Page
      title={t("nav.namespaces")}
      actions={<Button onClick={open}>{t("namespaces.new")}</Button>}
    >
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t("nav.namespaces")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("namespaces.empty")}
      />
      <Modal opened={adding} onClose={close} title={t("namespaces.new")}>
        <NewNamespace />
      </Modal>
    </Page>
  );
}

function NewNamespace() {
  const [id, setId] = useState("");
  const navigate = useNavigate();
  const create = useAct({
    act: () => call<Namespace>("POST", "/namespaces", { json: { id } }),
    done: (made) => {
      void navigate({ to: `/main/namespaces/edit/${made.id}/overview` as never });
      return t("namespaces.made", { name: made.id });
    },
    stale: [["namespaces"]],
  });
  return (
    <SaveForm
      onSave={() => create.mutate()}
      isSaving={create.isPending}
      action={t("namespaces.new")}
    >
      <TextField
        label={t("column.namespace")}
        data-autofocus
        required
        placeholder="company.team"
        value={id}
        onChange={setId}
      />
    </SaveForm>
  );
}
