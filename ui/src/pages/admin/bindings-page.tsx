/** Role bindings: which account or group has which role, and where. */

import { Button, Group, Modal, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { RoleBinding } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { SaveForm } from "../../design/save-form";
import { useUrl } from "../../design/search";
import { TextField } from "../../design/text-field";
import { usePage } from "../../design/use-page";
import { type Key, t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";
import { SubjectSelect, type SubjectType } from "./subject-select";
import { useRoleChoices } from "./use-roles";

const STALE = [["role-bindings"]];
const TYPES: SubjectType[] = ["USER", "GROUP"];
const subjectOf = ({ user, group }: RoleBinding) => user?.username ?? group?.name ?? "";
const choices = () => TYPES.map((value) => ({ value, label: t(`admin.type.${value}` as Key) }));

const columns: Column<RoleBinding>[] = [
  { id: "type", title: t("column.type"), cell: (row) => t(`admin.type.${row.type}` as Key) },
  { id: "subject", title: t("git.name"), cell: subjectOf },
  { id: "role", title: t("admin.role"), cell: (row) => row.role.name },
  {
    id: "namespace",
    title: t("column.namespace"),
    cell: (row) => row.namespace ?? <span className="muted">{t("admin.everywhere")}</span>,
  },
  {
    id: "actions",
    title: t("column.actions"),
    cell: (row) => (
      <RemoveButton
        size="compact-xs"
        path={`/bindings/${row.id}`}
        text={t("admin.deleteBinding", { name: subjectOf(row), role: row.role.name })}
        done={t("admin.bindingGone")}
        stale={STALE}
      />
    ),
  },
];

export default function BindingsPage() {
  const [search, change] = useUrl();
  const { type, roleId, namespace } = search;
  const roles = useRoleChoices();
  const query = usePage<RoleBinding>({
    key: ["role-bindings"],
    path: "/bindings/search",
    query: { type, roleId, namespace },
  });
  const close = () => change({ adding: undefined });
  const isNarrowed = Boolean(type || roleId || namespace);
  return (
    <Page
      title={t("admin.bindings")}
      actions={<Button onClick={() => change({ adding: "true" })}>{t("admin.newBinding")}</Button>}
    >
      <AdminTabs />
      <Group align="end">
        <Select
          label={t("column.type")}
          placeholder={t("filter.any")}
          clearable
          data={choices()}
          value={type ?? null}
          onChange={(value) => change({ type: value ?? undefined, page: undefined })}
        />
        <Select
          label={t("admin.role")}
          placeholder={t("filter.any")}
          clearable
          searchable
          data={roles}
          value={roleId ?? null}
          onChange={(value) => change({ roleId: value ?? undefined, page: undefined })}
        />
        <FilterBox name="namespace" label={t("filter.namespace")} />
      </Group>
      <DataTable
        label={t("admin.bindings")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={t(isNarrowed ? "admin.noBindingFits" : "admin.noBindings")}
      />
      <Modal opened={Boolean(search.adding)} onClose={close} title={t("admin.newBinding")}>
        <BindingForm onDone={close} />
      </Modal>
    </Page>
  );
}

function BindingForm({ onDone }: { onDone: () => void }) {
  const [type, setType] = useState<SubjectType>("USER");
  const [subject, setSubject] = useState<string | null>(null);
  const [role, setRole] = useState<string | null>("viewer");
  const [namespace, setNamespace] = useState("");
  const roles = useRoleChoices();
  const save = useAct({
    act: () => {
      const json = { type, externalId: subject, roleId: role };
      return call<RoleBinding>("POST", "/bindings", {
        json: namespace ? { ...json, namespaceId: namespace } : json,
      });
    },
    done: (made) => {
      onDone();
      return t("admin.bound", { name: subjectOf(made), role: made.role.name });
    },
    stale: STALE,
  });
  const choose = (value: string) => {
    setType(value as SubjectType);
    setSubject(null);
  };
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <SegmentedControl
        aria-label={t("column.type")}
        size="xs"
        data={choices()}
        value={type}
        onChange={choose}
      />
      <SubjectSelect key={type} type={type} value={subject} onChange={setSubject} />
      <Select
        label={t("admin.role")}
        required
        searchable
        allowDeselect={false}
        data={roles}
        value={role}
        onChange={setRole}
      />
      <TextField
        label={t("column.namespace")}
        placeholder={t("admin.everywhere")}
        value={namespace}
        onChange={setNamespace}
      />
    </SaveForm>
  );
}
