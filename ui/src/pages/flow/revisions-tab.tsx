/** Every revision of a flow, and what changed between any two of them. */

import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { useOrigin } from "../../changes/origin";
import { DiffView } from "../../design/diff-view";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { flowKey } from "./use-flow";

export function RevisionsTab({ flow }: { flow: Flow }) {
  const key = ["revisions", flow.namespace, flow.id, flow.revision];
  const query = useQuery({
    queryKey: key,
    queryFn: () => call<Flow[]>("GET", `/flows/${flow.namespace}/${flow.id}/revisions`),
  });
  return (
    <Loaded query={query}>{(revisions) => <Compare flow={flow} revisions={revisions} />}</Loaded>
  );
}

function Compare({ flow, revisions }: { flow: Flow; revisions: Flow[] }) {
  const [search, change] = useUrl();
  const right = Number(search.right ?? flow.revision);
  const left = Number(search.left ?? Math.max(1, right - 1));
  const sourceOf = (revision: number) =>
    revisions.find((one) => one.revision === revision)?.source ?? "";
  const restore = useAct({
    act: () =>
      call<Flow>("PUT", `/flows/${flow.namespace}/${flow.id}`, {
        body: sourceOf(left),
        contentType: "application/x-yaml",
      }),
    done: (made) => t("editor.saved", { revision: made.revision }),
    stale: [flowKey(flow.namespace, flow.id), ["revisions", flow.namespace, flow.id]],
  });
  const { data: origin } = useOrigin("FLOW", `${flow.namespace}/${flow.id}`);
  const isLocked = origin?.managed === true && origin.editMode === "LOCKED";
  const choices = revisions.map(({ revision }) => String(revision)).reverse();
  if (revisions.length < 2) {
    return (
      <Panel title={t("flow.revisions")}>
        <p className="panel-body muted">{t("revisions.only")}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t("flow.revisions")}>
      <Group className="panel-body" align="end">
        <Select
          label={t("revisions.left")}
          data={choices}
          value={String(left)}
          onChange={(value) => change({ left: value ?? undefined })}
        />
        <Select
          label={t("revisions.right")}
          data={choices}
          value={String(right)}
          onChange={(value) => change({ right: value ?? undefined })}
        />
        {left !== flow.revision && !isLocked && (
          <Button variant="default" loading={restore.isPending} onClick={() => restore.mutate()}>
            {t("revisions.restore", { revision: left })}
          </Button>
        )}
      </Group>
      <DiffView left={sourceOf(left)} right={sourceOf(right)} />
    </Panel>
  );
}
