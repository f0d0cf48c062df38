/** One blueprint: its source or its picture, and a flow of one's own that begins with it. */

import { Button, Group, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call, send } from "../../api/client";
import { Copy } from "../../design/copy";
import { Loaded } from "../../design/panel";
import { keepDraft } from "../../editor/drafts";
import { GraphView } from "../../graph/graph-view";
import { type GraphAnswer, pictureOf } from "../../graph/model";
import { t } from "../../i18n";

export const BELOW = "/blueprints/community/flow";

export function BlueprintView({ id }: { id: string }) {
  const [view, setView] = useState("source");
  return (
    <>
      <SegmentedControl
        aria-label={t("triggers.view")}
        size="xs"
        value={view}
        onChange={setView}
        data={[
          { value: "source", label: t("blueprints.source") },
          { value: "graph", label: t("flow.topology") },
        ]}
      />
      {view === "source" ? <Source id={id} /> : <Picture id={id} />}
    </>
  );
}

function Picture({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["blueprint", id, "graph"],
    queryFn: ({ signal }) => call<GraphAnswer>("GET", `${BELOW}/${id}/graph`, { signal }),
  });
  return (
    <Loaded query={query} rows={8}>
      {(answer) => <GraphView name={id} picture={pictureOf(answer)} />}
    </Loaded>
  );
}

function Source({ id }: { id: string }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["blueprint", id],
    queryFn: async ({ signal }) => {
      const headers = { Accept: "application/yaml" };
      return (await send("GET", `${BELOW}/${id}/source`, { signal, headers })).text();
    },
  });
  const use = async (text: string) => {
    await keepDraft("new", text);
    await navigate({ to: "/main/flows/new" });
  };
  return (
    <Loaded query={query} rows={8}>
      {(text) => (
        <>
          <pre className="mono scroll-x">{text}</pre>
          <Group justify="flex-end">
            <Copy text={text} />
            <Button onClick={() => use(text)}>{t("blueprints.use")}</Button>
          </Group>
        </>
      )}
    </Loaded>
  );
}
