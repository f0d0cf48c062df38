/** Names of secrets. Their values go in and never come out. */

import { Alert, Button, Group, Modal } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Page } from "../../api/types";
import type { SecretMeta } from "../../api/types-more";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { RemoveButton } from "../../design/remove-button";
import { useUrl } from "../../design/search";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { AboutForm, ValueForm } from "./secret-form";
import { SecretsInherited } from "./secrets-inherited";
import { tagsText } from "./tags";

type Props = { namespace: string };
type Listed = Page<SecretMeta> & { readOnly?: boolean };

export function SecretsTab({ namespace }: Props) {
  const [search, change] = useUrl();
  const query = usePage<SecretMeta>({
    key: ["secrets", namespace],
    path: `/namespaces/${namespace}/secrets`,
    query: { "filters[q][EQUALS]": search.q },
  });
  const isReadOnly = (query as UseQueryResult<Listed>).data?.readOnly === true;
  return (
    <>
      {isReadOnly && <Alert color="yellow">{t("secrets.readOnly")}</Alert>}
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <Button disabled={isReadOnly} onClick={() => change({ adding: "true" })}>
          {t("secrets.new")}
        </Button>
      </Group>
      <DataTable
        label={t("namespace.secrets")}
        query={query}
        columns={columnsOf(namespace)}
        rowKey={(row) => row.key}
        empty={t(search.q ? "secrets.empty" : "secrets.none")}
      />
      <SecretsInherited namespace={namespace} />
      <Dialog namespace={namespace} rows={query.data?.results ?? []} />
    </>
  );
}

const columnsOf = (namespace: string): Column<SecretMeta>[] => [
  { id: "key", title: t("kv.key"), cell: (row) => <code>{row.key}</code> },
  { id: "description", title: t("column.description"), cell: (row) => row.description },
  { id: "tags", title: t("secrets.tags"), cell: (row) => tagsText(row.tags) },
  {
    id: "actions",
    title: t("column.actions"),
    cell: (row) => <Acts namespace={namespace} secret={row} />,
  },
];

function Acts({ namespace, secret: { key } }: { namespace: string; secret: SecretMeta }) {
  const [, change] = useUrl();
  return (
    <Group gap={4}>
      <Button size="compact-xs" variant="default" onClick={() => change({ key })}>
        {t("secrets.replace")}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={t("secrets.describeOf", { name: key })}
        onClick={() => change({ about: key })}
      >
        {t("secrets.describe")}
      </Button>
      <RemoveButton
        size="compact-xs"
        path={`/namespaces/${namespace}/secrets/${encodeURIComponent(key)}`}
        text={t("secrets.deleteText", { name: key })}
        done={t("kv.gone", { name: key })}
        stale={[["secrets", namespace], ["namespaces"]]}
      />
    </Group>
  );
}

/** The address says which dialog is open, and of which secret. */
function Dialog({ namespace, rows }: Props & { rows: SecretMeta[] }) {
  const [search, change] = useUrl();
  const close = () => change({ key: undefined, about: undefined, adding: undefined });
  const name = search.key ?? search.about;
  const secret = rows.find(({ key }) => key === name);
  const isOpen = Boolean(search.adding) || secret !== undefined;
  return (
    <Modal opened={isOpen} onClose={close} title={name ?? t("secrets.new")}>
      {search.about && secret ? (
        <AboutForm key={name} namespace={namespace} secret={secret} onDone={close} />
      ) : (
        <ValueForm key={name} namespace={namespace} secret={secret} onDone={close} />
      )}
    </Modal>
  );
}
