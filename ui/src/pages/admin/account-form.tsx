/** Makes an account, or changes what it may. */

import { ActionIcon, Button, Group, PasswordInput, Select, Stack, Switch } from "@mantine/core";
import { X } from "lucide-react";
import { useState } from "react";
import { call } from "../../api/client";
import type { Account, Grant } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { useRoleChoices } from "./use-roles";

type Props = { kind: string; account?: Account; onDone: () => void };
type Row = Grant & { id: number };

export function AccountForm({ kind, account, onDone }: Props) {
  const [username, setUsername] = useState(account?.username ?? "");
  const [password, setPassword] = useState("");
  const [superAdmin, setSuperAdmin] = useState(account?.superAdmin ?? false);
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const [rows, setRows] = useState<Row[]>(() =>
    (account?.grants ?? []).map((grant, id) => ({ ...grant, id })),
  );
  const save = useAct({
    act: () => {
      const grants = rows.map(({ role, namespace }) => ({ role, namespace }));
      const json = { superAdmin, grants, ...(password ? { password } : {}) };
      if (account) {
        return call<Account>("PATCH", `/${kind}/${account.id}`, { json: { ...json, disabled } });
      }
      return call<Account>("POST", `/${kind}`, { json: { ...json, username } });
    },
    done: (made) => {
      onDone();
      return t("kv.saved", { name: made.username });
    },
    stale: [["accounts", kind]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      {!account && (
        <TextField
          data-autofocus
          label={t("git.name")}
          required
          value={username}
          onChange={setUsername}
        />
      )}
      {kind === "users" && (
        <PasswordInput
          label={account ? t("admin.newPassword") : t("login.password")}
          required={!account}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      <Switch
        label={t("admin.super")}
        checked={superAdmin}
        onChange={(event) => setSuperAdmin(event.currentTarget.checked)}
      />
      {account && (
        <Switch
          label={t("flows.disabled")}
          checked={disabled}
          onChange={(event) => setDisabled(event.currentTarget.checked)}
        />
      )}
      <Grants rows={rows} onChange={setRows} />
    </SaveForm>
  );
}

function Grants({ rows, onChange }: { rows: Row[]; onChange: (rows: Row[]) => void }) {
  const roles = useRoleChoices();
  const next = Math.max(0, ...rows.map((row) => row.id + 1));
  const set = (id: number, changes: Partial<Grant>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <legend>{t("admin.grants")}</legend>
      <Stack gap={8}>
        {rows.map((row) => (
          <Group key={row.id} align="end" wrap="nowrap">
            <Select
              label={t("admin.role")}
              data={roles}
              allowDeselect={false}
              value={row.role}
              onChange={(role) => set(row.id, { role: role ?? "viewer" })}
            />
            <TextField
              label={t("column.namespace")}
              placeholder={t("admin.everywhere")}
              value={row.namespace ?? ""}
              onChange={(namespace) => set(row.id, { namespace })}
            />
            <ActionIcon
              aria-label={t("admin.dropGrant")}
              onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
            >
              <X size={16} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            variant="default"
            onClick={() => onChange([...rows, { id: next, role: "viewer", namespace: "" }])}
          >
            {t("admin.addGrant")}
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}
