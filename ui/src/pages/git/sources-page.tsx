/** The repositories that are followed, and how another one is connected. */

import { Button, Group, Modal } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { Source } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { type Column, DataTable } from "../../design/data-table";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { t } from "../../i18n";
import { ConnectForm } from "./connect-form";
import { BindingForm, SourceForm } from "./edit-forms";
import { ABOVE, GitTabs, Sha } from "./git-tabs";

export default function SourcesPage() {
  const [search, change] = useUrl();
  const query = usePage<Source>({
    key: ["sources"],
    path: "/gitops/sources",
    query: { q: search.q },
    topic: "git",
  });
  const close = () => change({ connect: undefined });
  return (
    <Page
      title={t("git.sources")}
      above={[ABOVE]}
      actions={<Button onClick={() => change({ connect: "true" })}>{t("git.connect")}</Button>}
    >
      <GitTabs />
      <Group>
        <FilterBox name="q" label={t("filter.text")} />
      </Group>
      <DataTable
        label={t("git.sources")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={search.q ? t("git.noneFits") : t("git.empty")}
      />
      <Modal opened={Boolean(search.connect)} onClose={close} title={t("git.connect")} size="xl">
        <ConnectForm onDone={close} />
      </Modal>
    </Page>
  );
}

const columns: Column<Source>[] = [
  { id: "name", title: t("git.source"), cell: (row) => row.name },
  { id: "url", title: t("git.url"), cell: (row) => <span className="mono">{row.url}</span> },
  { id: "ref", title: t("git.ref"), cell: (row) => row.ref },
  { id: "seen", title: t("git.commit"), cell: (row) => <Sha sha={row.seenSha} /> },
  { id: "at", title: t("git.fetchedAt"), cell: (row) => <Moment at={row.fetchedAt} /> },
  { id: "state", title: t("column.state"), cell: (row) => <State source={row} /> },
  { id: "actions", title: t("column.actions"), cell: (row) => <Actions source={row} /> },
];

/** A source whose remote cannot be read is a failed one, whatever its bindings still hold. */
function State({ source }: { source: Source }) {
  const { suspended, lastError, working, fetchedAt } = source;
  if (suspended) return <StateBadge state="Suspended" />;
  if (lastError) {
    return (
      <>
        <StateBadge state="Failed" />
        <p>{lastError}</p>
      </>
    );
  }
  return <StateBadge state={working ? "Progressing" : fetchedAt ? "Healthy" : "Unknown"} />;
}

function Actions({ source }: { source: Source }) {
  const [asked, ask] = useState<"edit" | "bind" | null>(null);
  const below = `/gitops/sources/${source.name}`;
  const act = useAct({
    act: ({ method = "POST", what = "" }: { method?: string; what?: string }) =>
      call(method, `${below}${what}`),
    done: () => t("receipt.done"),
    stale: [["sources"], ["bindings"]],
  });
  return (
    <Group gap={4} miw={210}>
      <Button
        size="compact-xs"
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate({ what: "/fetch?wait=true" })}
      >
        {t("git.fetch")}
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => ask("edit")}>
        {t("git.settings")}
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => ask("bind")}>
        {t("git.bind")}
      </Button>
      <Modal
        opened={asked !== null}
        onClose={() => ask(null)}
        size="xl"
        title={t(asked === "bind" ? "git.bindTitle" : "git.editTitle", { name: source.name })}
      >
        {asked === "edit" && <SourceForm row={source} onDone={() => ask(null)} />}
        {asked === "bind" && <BindingForm of={source.name} onDone={() => ask(null)} />}
      </Modal>
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
