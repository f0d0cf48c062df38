/** Every revision of a flow: when, by whom and from where; what changed between any two of them. */

import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { ownedOf, useOrigin } from "../../changes/origin";
import { type Column, DataTable } from "../../design/data-table";
import { DiffView } from "../../design/diff-view";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { Moment } from "../../design/time";
import { usePage } from "../../design/use-page";
import { type Key, t } from "../../i18n";
import { standingOf } from "./edit-bars";
import { flowKey } from "./use-flow";
import type { Revision } from "./use-revisions";

export function RevisionsTab({ flow }: { flow: Flow }) {
  const [search, change] = useUrl();
  const query = usePage<Revision>({
    key: ["revisions", flow.namespace, flow.id, flow.revision, "page"],
    path: `/flows/${flow.namespace}/${flow.id}/history`,
  });
  const right = Number(search.right ?? flow.revision);
  const left = Number(search.left ?? Math.max(1, right - 1));
  const columns: Column<Revision>[] = [
    { id: "revision", title: t("revisions.number"), cell: ({ revision }) => revision },
    { id: "date", title: t("revisions.date"), cell: ({ date }) => <Moment at={date} /> },
    { id: "author", title: t("revisions.author"), cell: ({ author }) => author },
    { id: "origin", title: t("revisions.origin"), cell: (row) => <From revision={row} /> },
    { id: "message", title: t("revisions.message"), cell: ({ message }) => message },
    {
      id: "act",
      title: t("column.actions"),
      cell: ({ revision }) => (
        <Group gap={4} wrap="nowrap">
          {(["left", "right"] as const).map((side) => (
            <Button
              key={side}
              size="compact-xs"
              variant={(side === "left" ? left : right) === revision ? "filled" : "default"}
              aria-pressed={(side === "left" ? left : right) === revision}
              onClick={() => change({ [side]: String(revision) })}
            >
              {t(`revisions.${side}`)}
            </Button>
          ))}
        </Group>
      ),
    },
  ];
  return (
    <>
      <DataTable
        label={t("flow.revisions")}
        query={query}
        columns={columns}
        rowKey={({ revision }) => String(revision)}
        empty={t("revisions.only")}
      />
      {flow.revision > 1 && <Compare flow={flow} left={left} right={right} />}
    </>
  );
}

function From({ revision: { origin, commit, url } }: { revision: Revision }) {
  const name = origin ? t(`revisions.from.${origin}` as Key) : t("revisions.from.ENGINE");
  if (!commit) return name;
  const short = commit.slice(0, 8);
  return (
    <>
      {name}{" "}
      {url ? (
        <a className="mono" href={url} target="_blank" rel="noreferrer">
          {short}
        </a>
      ) : (
        <span className="mono">{short}</span>
      )}
    </>
  );
}

type CompareProps = { flow: Flow; left: number; right: number };

function Compare({ flow, left, right }: CompareProps) {
  const [search, change] = useUrl();
  const { namespace, id } = flow;
  const query = useQuery({
    queryKey: ["flowSources", namespace, id, left, right],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => Promise.all([left, right].map((one) => sourceOf(flow, one, signal))),
  });
  const restore = useAct({
    act: (body: string) =>
      call<Flow>("PUT", `/flows/${namespace}/${id}`, { body, contentType: "application/x-yaml" }),
    done: (made) => t("editor.saved", { revision: made.revision }),
    stale: [flowKey(namespace, id), ["revisions", namespace, id]],
  });
  const { data } = useOrigin("FLOW", `${namespace}/${id}`);
  const origin = ownedOf(data);
  const standing = standingOf(flow, origin);
  return (
    <Panel title={t("revisions.compare", { left, right })}>
      <Group className="panel-body" align="end">
        <Select
          label={t("revisions.layout")}
          data={["beside", "inline"].map((value) => ({
            value,
            label: t(`revisions.layout.${value}` as Key),
          }))}
          allowDeselect={false}
          value={search.layout ?? "beside"}
          onChange={(value) => change({ layout: value === "inline" ? "inline" : undefined })}
        />
        {left !== flow.revision && standing === "open" && (
          <Button
            variant="default"
            disabled={!query.data}
            loading={restore.isPending}
            onClick={() => restore.mutate(query.data?.[0] ?? "")}
          >
            {t("revisions.restore", { revision: left })}
          </Button>
        )}
        {standing !== "open" && <p className="muted">{t(`revisions.refused.${standing}`)}</p>}
      </Group>
      <Loaded query={query}>
        {([from = "", to = ""]) => (
          <DiffView left={from} right={to} inline={search.layout === "inline"} />
        )}
      </Loaded>
    </Panel>
  );
}

async function sourceOf(
  { namespace, id }: Flow,
  revision: number,
  signal: AbortSignal,
): Promise<string> {
  const query = { revision, source: true, allowDeleted: true };
  const found = await call<Flow>("GET", `/flows/${namespace}/${id}`, { signal, query });
  return found.source ?? "";
}
