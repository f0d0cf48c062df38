/** What Git hosts delivered, the addresses they call, and a replay. */

import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Delivery, DeliveryContent } from "../../api/types-more";
import { DataTable } from "../../design/data-table";
import { Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { Duration, Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { Endpoints, OpenForm } from "./endpoints";
import { ABOVE, GitTabs, Sha } from "./git-tabs";
import { pretty } from "./pretty";

export default function DeliveriesPage() {
  const [adding, { open, close }] = useDisclosure(false);
  return (
    <Page
      title={t("git.deliveries")}
      above={[ABOVE]}
      actions={<Button onClick={open}>{t("git.openEndpoint")}</Button>}
    >
      <GitTabs />
      <Endpoints />
      <Deliveries />
      <Modal opened={adding} onClose={close} title={t("git.openEndpoint")}>
        <OpenForm />
      </Modal>
    </Page>
  );
}

function Deliveries() {
  const query = usePage<Delivery>({
    key: ["deliveries"],
    path: "/gitops/deliveries",
    topic: "git",
  });
  const replay = useAct({
    act: ({ endpointId, deliveryId }: Delivery) =>
      call("POST", `/gitops/deliveries/${endpointId}/${deliveryId}/replay`),
    done: () => t("git.replayed"),
    stale: [["deliveries"]],
  });
  const [looking, setLooking] = useState<Delivery | null>(null);
  return (
    <>
      <DataTable
        label={t("git.deliveries")}
        query={query}
        empty={t("git.noDeliveries")}
        rowKey={(row) => `${row.endpointId}/${row.deliveryId}`}
        columns={[
          {
            id: "at",
            title: t("git.receivedAt"),
            cell: (row) => <Moment at={row.receivedAt} />,
          },
          { id: "host", title: t("git.host"), cell: (row) => row.provider },
          { id: "event", title: t("git.event"), cell: (row) => row.event },
          {
            id: "what",
            title: t("git.commit"),
            cell: (row) =>
              [...row.pushes, ...row.pulls].map((one) => <Sha key={one.sha} sha={one.sha} />),
          },
          {
            id: "verdict",
            title: t("git.verdict"),
            cell: verdictOf,
          },
          { id: "matched", title: t("git.matched"), cell: (row) => row.matched.join(", ") },
          {
            id: "latency",
            title: t("git.latency"),
            cell: ({ receivedAt, appliedAt }) =>
              appliedAt ? <Duration from={receivedAt} to={appliedAt} /> : "–",
          },
          {
            id: "replay",
            title: t("column.actions"),
            cell: (row) => (
              <Group gap={4} wrap="nowrap">
                <Button size="compact-xs" variant="default" onClick={() => setLooking(row)}>
                  {t("git.lookAt")}
                </Button>
                {!row.refused && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    loading={replay.isPending}
                    onClick={() => replay.mutate(row)}
                  >
                    {t("git.replay")}
                  </Button>
                )}
              </Group>
            ),
          },
        ]}
      />
      <Modal
        opened={looking !== null}
        onClose={() => setLooking(null)}
        title={t("git.content")}
        size="lg"
      >
        {looking && <Content delivery={looking} />}
      </Modal>
    </>
  );
}

/** Why it was refused, or what came of it. */
function verdictOf({ refused, matched, pushes, pulls }: Delivery) {
  if (refused) return t("git.refused", { reason: refused });
  if (matched.length) return t("git.woken", { count: matched.length });
  return t(pushes.length + pulls.length ? "git.followedByNone" : "git.noPush");
}

/** The headers and the body that came, as far as they are kept. */
function Content({ delivery: { endpointId, deliveryId } }: { delivery: Delivery }) {
  const query = useQuery({
    queryKey: ["deliveries", endpointId, deliveryId],
    queryFn: ({ signal }) =>
      call<DeliveryContent>("GET", `/gitops/deliveries/${endpointId}/${encodeURI(deliveryId)}`, {
        signal,
      }),
  });
  return (
    <Loaded query={query}>
      {({ headers, body, sizeBytes, refused }) => (
        <Stack gap={12}>
          {refused && <Alert color="yellow" title={t("git.refused", { reason: refused })} />}
          <SimpleTable
            label={t("git.headers")}
            rows={Object.entries(headers)}
            rowKey={([name]) => name}
            columns={[
              { id: "name", title: t("git.header"), cell: ([name]) => <code>{name}</code> },
              {
                id: "value",
                title: t("git.headerValue"),
                cell: ([, value]) => <code style={{ overflowWrap: "anywhere" }}>{value}</code>,
              },
            ]}
          />
          {body === undefined ? (
            <p className="muted">{t("git.noBody")}</p>
          ) : (
            <details open>
              <summary>{t("git.body", { count: sizeBytes ?? 0 })}</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keys */}
              <pre tabIndex={0} style={{ maxHeight: "40vh", overflow: "auto" }}>
                {pretty(body)}
              </pre>
            </details>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
