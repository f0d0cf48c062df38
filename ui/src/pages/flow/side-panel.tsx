/** What stands beside a flow's source: its picture, documentation, examples, inputs, a test run. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded } from "../../design/panel";
import { TabPanel } from "../../editor/tab-panel";
import { typeAt } from "../../editor/type-at";
import type { Filled } from "../../forms/inputs";
import { GraphView } from "../../graph/graph-view";
import { type GraphAnswer, pictureOf } from "../../graph/model";
import { type Key, t } from "../../i18n";
import { TypePage } from "../../reference/type-page";
import { Examples } from "./examples";
import { InputsForm } from "./inputs-form";
import "./side-panel.css";
import { taskAt, taskLines } from "./task-lines";
import { TestRun } from "./test-run";
import { useLitNode } from "./use-lit-node";

export const SIDES = ["topology", "documentation", "examples", "inputs", "test"] as const;
export type Side = (typeof SIDES)[number];
export const isSide = (name: string | undefined): name is Side => SIDES.includes(name as Side);

export type SideProps = {
  open: Side;
  onOpen: (side: Side) => void;
  onClose: () => void;
  text: string;
  line: number;
  onSelect: (first: number, last: number) => void;
  onInsert?: (text: string) => void;
  onReplace?: (text: string) => void;
  filled: Filled;
  onFill: (change: (old: Filled) => Filled) => void;
  /** What is saved, if anything is. */
  flow?: Flow;
  dirty: boolean;
};

export function SidePanel(props: SideProps) {
  const { open, onOpen, onClose, text, line } = props;
  return (
    <TabPanel
      label={t("side.label")}
      tabs={SIDES.map((id) => ({ id, title: t(`side.${id}` as Key) }))}
      open={open}
      onOpen={onOpen}
      onClose={onClose}
    >
      {open === "topology" && <Picture text={text} line={line} onSelect={props.onSelect} />}
      {open === "documentation" && <Documentation text={text} line={line} />}
      {open === "examples" && <Examples {...props} />}
      {open === "inputs" && <InputsForm {...props} />}
      {open === "test" && <TestRun {...props} />}
    </TabPanel>
  );
}

type PictureProps = { text: string; line: number; onSelect: (first: number, last: number) => void };

/** The picture of the last text that the server could read; dimmed while the text is another. */
function Picture({ text, line, onSelect }: PictureProps) {
  const [settled] = useDebouncedValue(text, 600);
  const [place] = useDebouncedValue({ text, line }, 100);
  const drawn = useRef<HTMLDivElement>(null);
  useLitNode(
    drawn,
    useMemo(() => taskAt(place.text, place.line), [place]),
  );
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
    <div ref={drawn} data-old={isOld || undefined} className="side-picture">
      <Loaded query={query}>
        {({ answer }) => (
          <GraphView
            picture={pictureOf(answer)}
            onOpen={({ title }) => {
              const found = taskLines(text).find(({ id }) => id === title);
              if (found) onSelect(found.first, found.last);
            }}
          />
        )}
      </Loaded>
    </div>
  );
}

function Documentation({ text, line }: { text: string; line: number }) {
  const [place] = useDebouncedValue({ text, line }, 200);
  const type = typeAt(place.text, place.line);
  if (!type) return <p className="panel-body muted">{t("side.noType")}</p>;
  return <TypePage type={type} />;
}
