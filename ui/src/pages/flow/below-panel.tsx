/** What stands below a flow's source: its problems, what changed, and what an expression gives. */

import { ProblemItems } from "../../editor/problem-list";
import type { Problem } from "../../editor/problems";
import { TabPanel } from "../../editor/tab-panel";
import type { Filled } from "../../forms/inputs";
import { t } from "../../i18n";
import { Changes, type ChangesProps } from "./changes";
import { RenderConsole } from "./render-console";

export const BELOW = ["problems", "diff", "render"] as const;
export type Below = (typeof BELOW)[number];
export const isBelow = (name: string | undefined): name is Below => BELOW.includes(name as Below);

type Props = Omit<ChangesProps, "text"> & {
  open: Below;
  onOpen: (below: Below) => void;
  onClose: () => void;
  text: string;
  problems: Problem[];
  /** Whether the server has spoken of this very text. */
  isSettled: boolean;
  onGo: (line: number, column: number) => void;
  onFix?: (problem: Problem) => void;
  filled: Filled;
};

export function BelowPanel({ open, onOpen, onClose, problems, text, ...props }: Props) {
  const titles: Record<Below, string> = {
    problems: t("editor.problems", { count: problems.length }),
    diff: t("below.diff"),
    render: t("below.render"),
  };
  return (
    <TabPanel
      label={t("below.label")}
      tabs={BELOW.map((id) => ({ id, title: titles[id] }))}
      open={open}
      onOpen={onOpen}
      onClose={onClose}
    >
      {open === "problems" && (
        <>
          <ProblemItems
            problems={problems}
            none={t(props.isSettled ? "editor.noProblems" : "editor.checking")}
            onGo={props.onGo}
            text={text}
            onFix={props.onFix}
          />
          <p className="panel-body muted">{t("editor.keys")}</p>
        </>
      )}
      {open === "diff" && <Changes flow={props.flow} base={props.base} text={text} />}
      {open === "render" && <RenderConsole text={text} filled={props.filled} />}
    </TabPanel>
  );
}
