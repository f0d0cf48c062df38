/** Makes an account, or changes what it may. */

import { PasswordInput, Switch } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { Account } from "../../api/types-more";
import { GrantRows, grantsOf, rowsOf } from "../../design/grant-rows";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { useRoleChoices } from "./use-roles";

type Props = { kind: string; account?: Account; onDone: () => void };

export function AccountForm({ kind, account, onDone }: Props) {
  const [username, setUsername] = useState(account?.username ?? "");
  const [password, setPassword] = useState("");
  const [superAdmin, setSuperAdmin] = useState(account?.superAdmin ?? false);
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const [rows, setRows] = useState(() => rowsOf(account?.grants));
  const roles = useRoleChoices();
  const save = useAct({
    act: () => {
      const json = { superAdmin, grants: grantsOf(rows), ...(password ? { password } : {}) };
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
      <GrantRows legend={t("admin.grants")} rows={rows} onChange={setRows} roles={roles} />
    </SaveForm>
  );
}
