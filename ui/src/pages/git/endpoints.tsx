/** The addresses that Git hosts call: opened, given another secret, closed. */

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Endpoint, Opened, Rotated } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Once } from "../../design/once";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";

export function Endpoints() {
  const query = useQuery({
    queryKey: ["endpoints"],
    queryFn: ({ signal }) => call<Page<Endpoint>>("GET", "/gitops/webhooks", { signal }),
  });
  const close = useAct({
    act: (id: string) => call("DELETE", `/gitops/webhooks/${id}`),
    done: () => t("receipt.done"),
    stale: [["endpoints"]],
  });
  const rotate = useAct({
    act: (id: string) => call<Rotated>("POST", `/gitops/webhooks/${id}/rotate`, { json: {} }),
    done: () => t("git.rotated"),
  });
  return (
    <Panel title={t("git.endpoints")}>
      <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.noEndpoints")}>
        {(page) => (
          <SimpleTable
            label={t("git.endpoints")}
            rows={page.results}
            rowKey={(row) => row.id}
            columns={[
              { id: "name", title: t("git.name"), cell: (row) => row.name },
              {
                id: "at",
                title: t("column.created"),
                cell: (row) => <Moment at={row.createdAt} />,
              },
              {
                id: "close",
                title: t("column.actions"),
                cell: (row) => (
                  <Group gap={4} wrap="nowrap">
                    <Asked
                      action={t("git.rotate")}
                      text={t("git.rotateText", { name: row.name })}
                      onConfirm={() => rotate.mutate(row.id)}
                    />
                    <Asked
                      action={t("git.closeEndpoint")}
                      text={t("git.closeEndpointText", { name: row.name })}
                      onConfirm={() => close.mutate(row.id)}
                    />
                  </Group>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      <Modal
        opened={rotate.data !== undefined}
        onClose={rotate.reset}
        title={t("git.newSecret")}
        closeOnClickOutside={false}
      >
        <Once lead={t("git.onceSecret")} texts={[rotate.data?.secret]} />
      </Modal>
    </Panel>
  );
}

type AskedProps = { action: string; text: string; onConfirm: () => void };

function Asked({ action, text, onConfirm }: AskedProps) {
  return (
    <Confirm title={action} text={text} action={action} onConfirm={onConfirm}>
      {(open) => (
        <Button size="compact-xs" variant="default" onClick={open}>
          {action}
        </Button>
      )}
    </Confirm>
  );
}

export function OpenForm() {
  const [name, setName] = useState("");
  const open = useAct({
    act: () => call<Opened>("POST", "/gitops/webhooks", { json: { name } }),
    done: () => t("git.endpointOpened"),
    stale: [["endpoints"]],
  });
  if (open.data) {
    return <Once lead={t("git.once")} texts={[open.data.url, open.data.secret]} />;
  }
  return (
    <Stack gap={12}>
      <TextInput
        label={t("git.name")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button loading={open.isPending} disabled={!name} onClick={() => open.mutate()}>
          {t("git.openEndpoint")}
        </Button>
      </Group>
    </Stack>
  );
}
