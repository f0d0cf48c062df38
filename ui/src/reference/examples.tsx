/** Ways to write a type: the least of it, and whole flows that use it; copied, or gone on with. */

import { Button, Group } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Copy } from "../design/copy";
import { Panel } from "../design/panel";
import { keepDraft } from "../editor/drafts";
import { t } from "../i18n";
import { exampleOf, flowOf, type Properties } from "./schema";

export type Example = { title: string; code: string };

type Props = { type: string; kind: string; properties: Properties; examples: Example[] };

export function Examples({ type, kind, properties, examples }: Props) {
  const least = exampleOf(type, properties);
  const canStand = kind === "tasks" || kind === "triggers";
  return (
    <Panel title={t("plugins.examples")}>
      <div className="panel-body">
        <One code={least} flow={canStand ? flowOf(kind, least) : undefined} />
        {examples.map(({ title, code }) => (
          <details key={title}>
            <summary>{title}</summary>
            <One code={code} flow={code} />
          </details>
        ))}
      </div>
    </Panel>
  );
}

function One({ code, flow }: { code: string; flow?: string }) {
  const navigate = useNavigate();
  const open = async (text: string) => {
    await keepDraft("new", text);
    await navigate({ to: "/main/flows/new" });
  };
  return (
    <>
      <pre className="mono scroll-x">{code}</pre>
      <Group gap={8}>
        <Copy text={code} />
        {flow && (
          <Button variant="default" onClick={() => open(flow)}>
            {t("plugins.open")}
          </Button>
        )}
      </Group>
    </>
  );
}
