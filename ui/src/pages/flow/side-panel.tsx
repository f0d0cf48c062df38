/** What stands beside a flow's source: its picture, or the documentation of the type at the cursor. */

import { Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { typeAt } from "../../editor/type-at";
import { GraphView } from "../../graph/graph-view";
import { type GraphAnswer, pictureOf } from "../../graph/model";
import { type Key, t } from "../../i18n";
import { TypePage } from "../../reference/type-page";
import "./side-panel.css";

const SIDES = ["topology", "documentation"] as const;

/** `side` in the address says which is open. */
export function SideSwitch() {
  const [search, change] = useUrl();
  return (
    <Group gap={8}>
      {SIDES.map((side) => (
        <Button
          key={side}
          variant={search.side === side ? "filled" : "default"}
          aria-pressed={search.side === side}
          onClick={() => change({ side: search.side === side ? undefined : side })}
        >
          {t(`side.${side}` as Key)}
        </Button>
      ))}
    </Group>
  );
}

type Props = { text: string; line: number; onGo: (line: number) => void };

export function SidePanel({ text, line, onGo }: Props) {
  const [search] = useUrl();
  if (search.side === "topology") return <Picture text={text} onGo={onGo} />;
  if (search.side === "documentation") return <Documentation text={text} line={line} />;
  return null;
}

/** The picture of the last text that the server could read; dimmed while the text is another. */
function Picture({ text, onGo }: { text: string; onGo: (line: number) => void }) {
  const [settled] = useDebouncedValue(text, 600);
  const query = useQuery({
    queryKey: ["sourceGraph", settled],
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal, client }) => {
      try {
        const answer = await call<GraphAnswer>("POST", "/flows/graph", {
          signal,
          body: settled,
          contentType: "application/x-yaml",
        });
        client.setQueryData(["sourceGraph"], answer);
        return { answer, isOld: false };
      } catch (error) {
        const last = client.getQueryData<GraphAnswer>(["sourceGraph"]);
        if (!last) throw error;
        return { answer: last, isOld: true };
      }
    },
  });
  const isOld = query.data?.isOld || query.isPlaceholderData || settled !== text;
  return (
    <Panel title={t("flow.topology")}>
      <div data-old={isOld || undefined} className="side-picture">
        <Loaded query={query}>
          {({ answer }) => (
            <GraphView
              picture={pictureOf(answer)}
              onOpen={({ title }) => {
                const found = lineOf(text, title);
                if (found) onGo(found);
              }}
            />
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

/** The line of an `id`, as tasks and triggers have it. */
function lineOf(text: string, id: string): number {
  return text.split("\n").findIndex((line) => ID.exec(line)?.[1] === id) + 1;
}
const ID = /^\s*(?:- )?\{?\s*id:\s*["']?([\w.-]+)/;

function Documentation({ text, line }: { text: string; line: number }) {
  const [place] = useDebouncedValue({ text, line }, 200);
  const type = typeAt(place.text, place.line);
  if (!type) return <p className="muted">{t("side.noType")}</p>;
  return <TypePage type={type} />;
}
