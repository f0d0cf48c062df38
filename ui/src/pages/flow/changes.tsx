/** The text against what was saved last, what Git holds, or any revision. */

import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { DiffView } from "../../design/diff-view";
import { Loaded } from "../../design/panel";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { historyKey, historyOf } from "./use-revisions";

export type ChangesProps = {
  flow?: Flow;
  /** What the text began from. */
  base: string;
  text: string;
};

export function Changes({ flow, base, text }: ChangesProps) {
  const [search, change] = useUrl();
  const against = search.against ?? "saved";
  const query = useQuery({
    queryKey: flow ? historyKey(flow) : ["revisions", "none"],
    enabled: flow !== undefined,
    queryFn: ({ signal }) => historyOf(flow as Flow, signal),
  });
  const all = query.data?.results ?? [];
  const fromGit = all.find(({ origin }) => origin === "GIT");
  const choices = [
    { value: "saved", label: t("changes.saved", { revision: flow?.revision ?? 0 }) },
    ...(fromGit
      ? [{ value: "git", label: t("changes.git", { commit: fromGit.commit?.slice(0, 8) ?? "" }) }]
      : []),
    ...all
      .map(({ revision }) => String(revision))
      .map((value) => ({ value, label: t("changes.revision", { revision: value }) })),
  ];
  const number = against === "git" ? fromGit?.revision : Number(against);
  return (
    <>
      <Group className="panel-body" align="end">
        <Select
          label={t("changes.against")}
          data={choices}
          allowDeselect={false}
          value={against}
          onChange={(value) => change({ against: value === "saved" ? undefined : (value ?? "") })}
        />
      </Group>
      {against === "saved" ? (
        <DiffView left={base} right={text} />
      ) : (
        <Loaded query={query}>
          {() => <OfRevision flow={flow as Flow} revision={number} text={text} />}
        </Loaded>
      )}
    </>
  );
}

type OfRevisionProps = { flow: Flow; revision?: number; text: string };

function OfRevision({ flow: { namespace, id }, revision, text }: OfRevisionProps) {
  const query = useQuery({
    queryKey: ["flowSource", namespace, id, revision],
    enabled: revision !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      call<Flow>("GET", `/flows/${namespace}/${id}`, { signal, query: { revision, source: true } }),
  });
  return (
    <Loaded query={query}>{({ source }) => <DiffView left={source ?? ""} right={text} />}</Loaded>
  );
}
