/** The repositories that are followed, and how another one is connected. */

import { Button, Group, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import type { Source } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { SimpleTable } from "../../design/simple-table";
import { Moment } from "../../design/time";
import { t } from "../../i18n";
import { ConnectForm } from "./connect-form";
import { GitTabs, Sha } from "./git-tabs";

export default function SourcesPage() {
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["sources"],
    refetchInterval: 5_000,
    queryFn: ({ signal }) => call<ResultPage<Source>>("GET", "/gitops/sources", { signal }),
  });
  const close = () => change({ connect: undefined });
  return (
    <Page
      title={t("git.sources")}
      actions={<Button onClick={() => change({ connect: "true" })}>{t("git.connect")}</Button>}
    >
      <GitTabs />
      <Panel title={t("git.sources")}>
        <Loaded query={query} isEmpty={(page) => page.total === 0} empty={t("git.empty")}>
          {(page) => <Table rows={page.results} />}
        </Loaded>
      </Panel>
      <Modal opened={Boolean(search.connect)} onClose={close} title={t("git.connect")} size="lg">
        <ConnectForm onDone={close} />
      </Modal>
    </Page>
  );
}

function Table({ rows }: { rows: Source[] }) {
  return (
    <SimpleTable
      label={t("git.sources")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { id: "name", title: t("git.source"), cell: (row) => row.name },
        { id: "url", title: t("git.url"), cell: (row) => <span className="mono">{row.url}</span> },
        { id: "ref", title: t("git.ref"), cell: (row) => row.ref },
        { id: "seen", title: t("git.commit"), cell: (row) => <Sha sha={row.seenSha} /> },
        { id: "at", title: t("git.fetchedAt"), cell: (row) => <Moment at={row.fetchedAt} /> },
        {
          id: "error",
          title: t("git.problems"),
          cell: (row) => (row.suspended ? t("git.suspended") : row.lastError),
        },
        { id: "actions", title: t("column.actions"), cell: (row) => <Actions source={row} /> },
      ]}
    />
  );
}

function Actions({ source }: { source: Source }) {
  const below = `/gitops/sources/${source.name}`;
  const act = useAct({
    act: ({ method = "POST", what = "" }: { method?: string; what?: string }) =>
      call(method, `${below}${what}`),
    done: () => t("receipt.done"),
    stale: [["sources"], ["bindings"]],
  });
  return (
    <Group gap={4} wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate({ what: "/fetch?wait=true" })}
      >
        {t("git.fetch")}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => act.mutate({ what: source.suspended ? "/resume" : "/suspend" })}
      >
        {source.suspended ? t("git.resume") : t("git.suspend")}
      </Button>
      <Confirm
        title={t("git.forget")}
        text={t("git.forgetText", { name: source.name, count: source.bindings.length })}
        action={t("git.forget")}
        typed={source.name}
        onConfirm={() => act.mutate({ method: "DELETE" })}
      >
        {(open) => (
          <Button size="compact-xs" variant="default" onClick={open}>
            {t("git.forget")}
          </Button>
        )}
      </Confirm>
    </Group>
  );
}
