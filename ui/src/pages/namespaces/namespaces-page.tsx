/** All namespaces, as a tree by their names, with what each holds and hands down. */

import { Button, Group, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import type { Namespace, NamespaceCounts } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { useUrl } from "../../design/search";
import { TextField } from "../../design/text-field";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import "./files.css";
import { useCounts } from "./overview-tab";
import { depthOf, isParent, useFolded } from "./tree";

const HELD = [
  ["flows", "flows", "namespaces.flows"],
  ["files", "files", "namespaces.files"],
  ["keys", "kv", "namespaces.keys"],
  ["secrets", "secrets", "namespaces.secrets"],
] as const;

type Tree = { rows: readonly Namespace[]; folded: ReadonlySet<string>; flip: (id: string) => void };

const columnsOf = (counts: NamespaceCounts[], tree: Tree): Column<Namespace>[] => [
  {
    id: "id",
    title: t("column.namespace"),
    cell: ({ id }) => <Name id={id} tree={tree} />,
  },
  ...HELD.map(
    ([name, tab, title]): Column<Namespace> => ({
      id: name,
      title: t(title),
      cell: ({ id }) => {
        const count = counts.find((one) => one.id === id)?.[name];
        if (!count) return <span className="muted">–</span>;
        return <Link to={`/main/namespaces/edit/${id}/${tab}` as never}>{count}</Link>;
      },
    }),
  ),
  { id: "gives", title: t("namespaces.gives"), cell: givesText },
  { id: "description", title: t("column.description"), cell: (row) => row.description },
];

/** How much the namespaces below have from this one. */
function givesText({ variables = {}, pluginDefaults = [] }: Namespace): string {
  const [names, defaults] = [Object.keys(variables).length, pluginDefaults.length];
  return t("namespaces.givesText", {
    variables: names,
    defaults,
    both: String(names > 0 && defaults > 0),
  });
}

function Name({ id, tree: { rows, folded, flip } }: { id: string; tree: Tree }) {
  const isFolded = folded.has(id);
  const Arrow = isFolded ? ChevronRight : ChevronDown;
  return (
    <span className="namespace-name" style={{ paddingInlineStart: depthOf(id) * 16 }}>
      {isParent(id, rows) ? (
        <button
          type="button"
          className="plain"
          aria-expanded={!isFolded}
          aria-label={t(isFolded ? "namespaces.unfold" : "namespaces.fold", { name: id })}
          onClick={() => flip(id)}
        >
          <Arrow size={14} aria-hidden="true" />
        </button>
      ) : (
        <span className="no-arrow" />
      )}
      <Link to={`/main/namespaces/edit/${id}/overview` as never}>{id}</Link>
    </span>
  );
}

export default function NamespacesPage() {
  const [search] = useUrl();
  const [adding, { open, close }] = useDisclosure(false);
  const query = usePage<Namespace>({
    key: ["namespaces"],
    path: "/namespaces/search",
    query: { q: search.q },
  });
  const counts = useCounts().data;
  const { folded, flip, shown } = useFolded(query);
  const rows = query.data?.results;
  const columns = useMemo(
    () => columnsOf(counts ?? [], { rows: rows ?? [], folded, flip }),
    [counts, rows, folded, flip],
  );
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
        query={shown}
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
