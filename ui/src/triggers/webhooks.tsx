/** The webhooks of a flow: what to call and how, a test call, who called lately. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { addressOf, call } from "../api/client";
import type { Execution, Page } from "../api/types";
import { Copy } from "../design/copy";
import { Loaded, Panel } from "../design/panel";
import { useAct } from "../design/receipt";
import { SimpleTable } from "../design/simple-table";
import { StateBadge } from "../design/state-badge";
import { Moment } from "../design/time";
import { t } from "../i18n";

type Declared = { id: string; type: string; key?: string; disabled?: boolean };
type Flow = { namespace: string; id: string; triggers?: unknown[] };

const SHOWN = 5;

export function Webhooks({ flow }: { flow: Flow }) {
  const found = ((flow.triggers ?? []) as Declared[]).filter(({ type }) =>
    type.endsWith(".Webhook"),
  );
  return found.map((trigger) => <Webhook key={trigger.id} flow={flow} trigger={trigger} />);
}

function Webhook({ flow, trigger }: { flow: Flow; trigger: Declared }) {
  const { key = "" } = trigger;
  const isSecret = key.includes("{{");
  const url = addressOf(
    `/executions/webhook/${flow.namespace}/${flow.id}/${isSecret ? "KEY" : key}`,
  );
  const test = useAct({
    act: () =>
      call<{ id: string } | undefined>(
        "POST",
        `/executions/webhook/${flow.namespace}/${flow.id}/${key}`,
        { json: { test: true } },
      ),
    done: (started) => (started?.id ? t("triggers.ran", { id: started.id }) : t("webhook.refused")),
    stale: [["executions"]],
  });
  return (
    <Panel title={t("webhook.title", { name: trigger.id })}>
      <dl className="values panel-body">
        <dt>{t("webhook.method")}</dt>
        <dd>{t("webhook.methods")}</dd>
        <dt>{t("webhook.url")}</dt>
        <dd className="mono wrapped">{url}</dd>
      </dl>
      <Group className="panel-body" gap={8}>
        <Copy text={url} label={t("webhook.copyUrl")} />
        <Copy text={curlOf(url)} label={t("webhook.copyCurl")} />
        {isSecret ? (
          <span className="muted">{t("webhook.secretKey")}</span>
        ) : (
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {t("webhook.test")}
          </Button>
        )}
      </Group>
      <Calls flow={flow} trigger={trigger.id} />
    </Panel>
  );
}

const curlOf = (url: string) =>
  `curl -X POST -H 'Content-Type: application/json' -d '{"test": true}' '${url}'`;

function Calls({ flow, trigger }: { flow: Flow; trigger: string }) {
  const query = useQuery({
    queryKey: ["executions", "of-webhook", flow.namespace, flow.id, trigger],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", {
        signal,
        query: {
          "filters[namespace][EQUALS]": flow.namespace,
          "filters[flowId][EQUALS]": flow.id,
          "filters[triggerId][EQUALS]": trigger,
          sort: "state.startDate:desc",
          size: SHOWN,
        },
      }),
  });
  return (
    <Loaded query={query} isEmpty={({ total }) => total === 0} empty={t("webhook.noCalls")}>
      {({ results }) => (
        <SimpleTable
          label={t("webhook.calls")}
          rows={results}
          rowKey={({ id }) => id}
          columns={[
            {
              id: "state",
              title: t("column.state"),
              cell: (row) => <StateBadge state={row.state.current} />,
            },
            {
              id: "id",
              title: t("webhook.calls"),
              cell: ({ id, namespace, flowId }) => (
                <Link to={`/main/executions/${namespace}/${flowId}/${id}/overview` as never}>
                  {id}
                </Link>
              ),
            },
            {
              id: "at",
              title: t("column.started"),
              cell: (row) => <Moment at={row.state.startDate} />,
            },
          ]}
        />
      )}
    </Loaded>
  );
}
