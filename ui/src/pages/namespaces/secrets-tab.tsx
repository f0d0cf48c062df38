/** Names of secrets. Their values go in and never come out. */

import { Button, Group, Modal, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import type { SecretMeta } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <TextInput
          label={t("kv.key")}
          required
          readOnly={name !== undefined}
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("kv.value")}
          description={t("secrets.hint")}
          required
          autoComplete="new-password"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <TextInput
          label={t("column.description")}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {t("editor.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
