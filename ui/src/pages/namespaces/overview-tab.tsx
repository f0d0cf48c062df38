/** What a namespace is for, how much it holds, and what it has from those above it. */

import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Namespace, NamespaceCounts } from "../../api/types-more";
import { Figure } from "../../design/figure";
import { Markdown } from "../../design/markdown";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { type Key, t } from "../../i18n";
import { useHandedDown, useRecord } from "./record";

const HELD = [
  ["flows", "flows"],
  ["files", "files"],
  ["keys", "kv"],
  ["secrets", "secrets"],
] as const;

export function OverviewTab({ namespace }: { namespace: string }) {
  const record = useRecord(namespace);
  return (
    <>
      <Held namespace={namespace} />
      <Panel title={t("column.description")}>
        <Loaded query={record}>
          {(found) => (
            <div className="panel-body">
              {found.description ? (
                <Markdown text={found.description} />
              ) : (
                <p className="muted">{t("namespace.plain")}</p>
              )}
              <Describe record={found} />
            </div>
          )}
        </Loaded>
      </Panel>
      <Inherited namespace={namespace} />
    </>
  );
}

export const useCounts = () =>
  useQuery({
    queryKey: ["namespaces", "counts"],
    refetchInterval: 30_000,
    retry: false,
    queryFn: ({ signal }) => call<NamespaceCounts[]>("GET", "/stats/namespaces", { signal }),
  });

function Held({ namespace }: { namespace: string }) {
  const found = useCounts().data?.find(({ id }) => id === namespace);
  return (
    <div className="figures">
      {HELD.map(([name, tab]) => (
        <Figure
          key={name}
          label={t(`namespaces.${name}` as Key)}
          value={found?.[name] ?? 0}
          to={`/main/namespaces/edit/${namespace}/${tab}`}
        />
      ))}
    </div>
  );
}

function Describe({ record }: { record: Namespace }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [text, setText] = useState(record.description ?? "");
  const save = useAct({
    act: () =>
      call("PUT", `/namespaces/${record.id}`, {
        json: { ...record, description: text || undefined },
      }),
    done: () => {
      close();
      return t("namespace.saved", { name: record.id });
    },
    stale: [["namespace", record.id], ["namespaces"]],
  });
  return (
    <>
      <Group>
        <Button variant="default" onClick={open}>
          {t("namespace.describe")}
        </Button>
      </Group>
      <Modal opened={opened} onClose={close} title={t("namespace.describe")}>
        <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
          <Textarea
            label={t("column.description")}
            data-autofocus
            autosize
            minRows={4}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </SaveForm>
      </Modal>
    </>
  );
}

/** How many settings come from above, by what gives them. */
function Inherited({ namespace }: { namespace: string }) {
  const query = useHandedDown(namespace);
  return (
    <Panel title={t("namespace.inherited")}>
      <Loaded query={query}>
        {({ variables, pluginDefaults }) => {
          const above = (rows: { namespace: string }[]) =>
            rows.filter((row) => row.namespace !== namespace).length;
          return (
            <p className="panel-body">
              {t("namespace.inheritedText", {
                variables: above(variables),
                defaults: above(pluginDefaults),
              })}
            </p>
          );
        }}
      </Loaded>
    </Panel>
  );
}
