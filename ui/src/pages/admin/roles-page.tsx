/** The roles and what each may: four are fixed, others are made here. */

import { Button, Group, Modal, MultiSelect } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { Role } from "../../api/types-more";
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
import { useRoles } from "./use-roles";

const STALE = [["roles"], ["role-bindings"]];
/** What no role of one's own holds: everybody has the one, only `admin` the other. */
const NOT_GIVEN = new Set(["self", "access:admin"]);

export default function RolesPage() {
  const [search, change] = useUrl();
  const query = usePage<Role>({ key: ["roles"], path: "/roles/search", query: { q: search.q } });
  const close = () => change({ role: undefined });
  const found = query.data?.results.find((row) => row.id === search.role);
  const columns: Column<Role>[] = [
    {
      id: "name",
      title: t("git.name"),
      cell: (row) =>
        row.isManaged ? (
          row.name
        ) : (
          <button type="button" className="plain" onClick={() => change({ role: row.id })}>
            {row.name}
          </button>
        ),
    },
    { id: "description", title: t("column.description"), cell: (row) => row.description },
    {
      id: "permissions",
      title: t("admin.permissions"),
      cell: (row) => <span className="mono wrapped">{row.permissions.join(" · ")}</span>,
    },
    { id: "actions", title: t("column.actions"), cell: (row) => <Remove role={row} /> },
  ];
  return (
    <Page
      title={t("admin.roles")}
      actions={<Button onClick={() => change({ role: "new" })}>{t("admin.newRole")}</Button>}
    >
      <AdminTabs />
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t("admin.roles")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t("admin.noRoles")}
      />
      <Modal
        opened={search.role === "new" || found !== undefined}
        onClose={close}
        title={found?.name ?? t("admin.newRole")}
        size="lg"
      >
        <RoleForm key={search.role} role={found} onDone={close} />
      </Modal>
    </Page>
  );
}

function Remove({ role }: { role: Role }) {
  if (role.isManaged) return <span className="muted">{t("admin.fixed")}</span>;
  return (
    <RemoveButton
      size="compact-xs"
      path={`/roles/${role.id}`}
      text={t("admin.deleteRole", { name: role.name })}
      done={t("kv.gone", { name: role.name })}
      stale={STALE}
    />
  );
}

function RoleForm({ role, onDone }: { role?: Role; onDone: () => void }) {
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [held, setHeld] = useState<string[]>(role?.permissions ?? []);
  const all = useRoles().data?.results.find(({ id }) => id === "admin")?.permissions ?? [];
  const save = useAct({
    act: () => {
      const json = { name, permissions: held, ...(description ? { description } : {}) };
      return role
        ? call<Role>("PUT", `/roles/${role.id}`, { json })
        : call<Role>("POST", "/roles", { json });
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
      <MultiSelect
        label={t("admin.permissions")}
        description={t("admin.permissionsHint")}
        required
        searchable
        data={all.filter((permission) => !NOT_GIVEN.has(permission))}
        value={held}
        onChange={setHeld}
      />
    </SaveForm>
  );
}
