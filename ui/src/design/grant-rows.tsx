/** Grants to choose: a role each, for a namespace and those below it. */

import { ActionIcon, Button, Group, Select, Stack } from "@mantine/core";
import { X } from "lucide-react";
import type { Grant } from "../api/types-more";
import { t } from "../i18n";
import { TextField } from "./text-field";

export type GrantRow = Grant & { id: number };
type Choice = { value: string; label: string };
type Props = {
  legend: string;
  rows: GrantRow[];
  onChange: (rows: GrantRow[]) => void;
  roles: readonly Choice[];
};

export const rowsOf = (grants: readonly Grant[] = []): GrantRow[] =>
  grants.map((grant, id) => ({ ...grant, id }));
export const grantsOf = (rows: readonly GrantRow[]): Grant[] =>
  rows.map(({ role, namespace }) => ({ role, namespace }));

export function GrantRows({ legend, rows, onChange, roles }: Props) {
  const next = Math.max(0, ...rows.map((row) => row.id + 1));
  const set = (id: number, changes: Partial<Grant>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: "12px 0 0" }}>
      <legend>{legend}</legend>
      <Stack gap={8}>
        {rows.map((row) => (
          <Group key={row.id} align="end" wrap="nowrap">
            <Select
              label={t("admin.role")}
              data={[...roles]}
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

/** Grants in words: `editor · company.data`. */
export const grantsText = (grants: readonly Grant[]): string =>
  grants.map(({ role, namespace }) => `${role} · ${namespace || t("admin.everywhere")}`).join(", ");
