/** Names of secrets. Their values go in and never come out. */

import { Button, Group, Modal, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { SecretMeta } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { SaveForm } from "../../design/save-form";
import { useUrl } from "../../design/search";
import { TextField } from "../../design/text-field";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { HandedDown } from "./handed-down";

type Props = { namespace: string };

export function SecretsTab({ namespace }: Props) {
  const [search, change] = useUrl();
  const query = usePage<SecretMeta>({
    key: ["secrets", namespace],
    path: `/namespaces/${namespace}/secrets`,
    query: { "filters[q][EQUALS]": search.q },
  });
  const close = () => change({ key: undefined, adding: undefined });
  const columns: Column<SecretMeta>[] = [
    { id: "key", title: t("kv.key"), cell: (row) => row.key },
    { id: "description", title: t("column.description"), cell: (row) => row.description },
    {
      id: "actions",
      title: t("column.actions"),
      cell: (row) => (
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => change({ key: row.key })}>
            {t("secrets.replace")}
          </Button>
          <RemoveButton
            size="compact-xs"
            path={`/namespaces/${namespace}/secrets/${encodeURIComponent(row.key)}`}
            text={t("secrets.deleteText", { name: row.key })}
            done={t("kv.gone", { name: row.key })}
            stale={[["secrets", namespace]]}
          />
        </Group>
      ),
    },
  ];
  return (
    <>
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <Button onClick={() => change({ adding: "true" })}>{t("secrets.new")}</Button>
      </Group>
      <DataTable
        label={t("namespace.secrets")}
        query={query}
        columns={columns}
        rowKey={(row) => row.key}
        empty={t(search.q ? "secrets.empty" : "secrets.none")}
      />
      <HandedDown
        namespace={namespace}
        what="inherited-secrets"
        title={t("secrets.inherited")}
        empty={t("secrets.noInherited")}
      />
      <Modal
        opened={Boolean(search.key || search.adding)}
        onClose={close}
        title={search.key ?? t("secrets.new")}
      >
        <Form key={search.key} namespace={namespace} name={search.key} onDone={close} />
      </Modal>
    </>
  );
}

function Form({ namespace, name, onDone }: Props & { name?: string; onDone: () => void }) {
  const [key, setKey] = useState(name ?? "");
  const [value, setValue] = useState("");
  const [description, setDescription] = useState("");
  const save = useAct({
    act: () =>
      call("PUT", `/namespaces/${namespace}/secrets`, {
        json: { key, value, ...(description ? { description } : {}) },
      }),
    done: () => {
      onDone();
      return t("secrets.saved", { name: key });
    },
    stale: [["secrets", namespace]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <TextField
        label={t("kv.key")}
        data-autofocus={name === undefined || undefined}
        required
        readOnly={name !== undefined}
        value={key}
        onChange={setKey}
      />
      <PasswordInput
        label={t("kv.value")}
        data-autofocus={name !== undefined || undefined}
        description={t("secrets.hint")}
        required
        autoComplete="new-password"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <TextField label={t("column.description")} value={description} onChange={setDescription} />
    </SaveForm>
  );
}
