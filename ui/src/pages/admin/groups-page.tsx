/** Groups of accounts: what is given to one is given to all in it. */

import { Button, Group, Modal } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { AccountGroup } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { SaveForm } from "../../design/save-form";
import { useUrl } from "../../design/search";
import { TextField } from "../../design/text-field";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";
import { Members } from "./members";

const STALE = [["groups"], ["role-bindings"]];

export default function GroupsPage() {
  const [search, change] = useUrl();
  const query = usePage<AccountGroup>({
    key: ["groups"],
    path: "/groups/search",
    query: { q: search.q },
  });
  const close = () => change({ group: undefined, members: undefined });
  const named = (id?: string) => query.data?.results.find((row) => row.id === id);
  const [found, opened] = [named(search.group), named(search.members)];
  const columns: Column<AccountGroup>[] = [
    {
      id: "name",
      title: t("git.name"),
      cell: (row) => (
        <button type="button" className="plain" onClick={() => change({ group: row.id })}>
          {row.name}
        </button>
      ),
    },
    { id: "description", title: t("column.description"), cell: (row) => row.description },
    {
      id: "actions",
      title: t("column.actions"),
      cell: (row) => (
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => change({ members: row.id })}>
            {t("admin.members")}
          </Button>
          <RemoveButton
            size="compact-xs"
            path={`/groups/${row.id}`}
            text={t("admin.deleteGroup", { name: row.name })}
            done={t("kv.gone", { name: row.name })}
            stale={STALE}
          />
        </Group>
      ),
    },
  ];
  return (
    <Page
      title={t("admin.groups")}
      actions={<Button onClick={() => change({ group: "new" })}>{t("admin.newGroup")}</Button>}
    >
      <AdminTabs />
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t("admin.groups")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t(search.q ? "admin.noGroupFits" : "admin.noGroups")}
      />
      <Modal
        opened={search.group === "new" || found !== undefined}
        onClose={close}
        title={found?.name ?? t("admin.newGroup")}
      >
        <GroupForm key={search.group} group={found} onDone={close} />
      </Modal>
      <Modal
        opened={opened !== undefined}
        onClose={close}
        size="lg"
        title={t("admin.membersOf", { name: opened?.name ?? "" })}
      >
        {opened && <Members group={opened} />}
      </Modal>
    </Page>
  );
}

function GroupForm({ group, onDone }: { group?: AccountGroup; onDone: () => void }) {
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const save = useAct({
    act: () => {
      const json = { name, ...(description ? { description } : {}) };
      return group
        ? call<AccountGroup>("PUT", `/groups/${group.id}`, { json })
        : call<AccountGroup>("POST", "/groups", { json });
    },
    done: (made) => {
      onDone();
      return t("kv.saved", { name: made.name });
    },
    stale: STALE,
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <TextField data-autofocus label={t("git.name")} required value={name} onChange={setName} />
      <TextField label={t("column.description")} value={description} onChange={setDescription} />
    </SaveForm>
  );
}
