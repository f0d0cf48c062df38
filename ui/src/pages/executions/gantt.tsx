/** The task runs on one time axis; a row opens what it printed, gave and measured beneath it. */

import { Button, Group } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useMemo, useRef } from "react";
import type { Execution } from "../../api/types";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { hasEnded } from "../../design/state";
import { useNow } from "../../design/time";
import { t } from "../../i18n";
import "./gantt.css";
import { Axis } from "./gantt-axis";
import { GanttRow } from "./gantt-row";
import { axisOf, type Row, rowsOf, treeOf } from "./gantt-rows";
import { gapsOf, type Scale, type Span, scaleOf } from "./gantt-scale";
import { useSpan } from "./gantt-span";
import { RunDetails } from "./run-details";
import { Waiting } from "./waiting";

const ROW_PX = 32;
const DETAILS_PX = 280;

export function Gantt({ execution }: { execution: Execution }) {
  const runs = execution.taskRunList;
  if (!runs?.length) {
    return (
      <Panel title={t("execution.gantt")}>
        <div className="panel-body">
          {hasEnded(execution.state.current) ? (
            <p className="muted">{t("gantt.none")}</p>
          ) : (
            <Waiting execution={execution} />
          )}
        </div>
      </Panel>
    );
  }
  return <Chart execution={execution} />;
}

function Chart({ execution }: { execution: Execution }) {
  const [search] = useUrl();
  const now = useNow(hasEnded(execution.state.current) ? 3_600_000 : 500);
  const axis = axisOf(execution, now);
  const gaps = useGaps(execution);
  const isClosed = search.gaps === "folded" && gaps.length > 0;
  const scale = scaleOf(axis, isClosed ? gaps : []);
  const { span, change } = useSpan();
  return (
    <Panel title={t("execution.gantt")}>
      <Tools span={span} onZoom={change} gaps={gaps.length} isClosed={isClosed} />
      <Axis axis={axis} scale={scale} span={span} onSpan={change.to} />
      <Rows execution={execution} now={now} scale={scale} span={span} gaps={isClosed ? gaps : []} />
    </Panel>
  );
}

/** Told anew when a task run changes, not as time goes on. */
function useGaps(execution: Execution): Span[] {
  return useMemo(
    () => gapsOf(execution.taskRunList ?? [], axisOf(execution, Date.now())),
    [execution],
  );
}

type ToolsProps = {
  span: Span;
  onZoom: ReturnType<typeof useSpan>["change"];
  gaps: number;
  isClosed: boolean;
};

function Tools({ span, onZoom, gaps, isClosed }: ToolsProps) {
  const [, change] = useUrl();
  return (
    <Group className="panel-body" gap={8}>
      <Button variant="default" aria-label={t("gantt.farther")} onClick={() => onZoom.by(2)}>
        −
      </Button>
      <Button variant="default" aria-label={t("gantt.nearer")} onClick={() => onZoom.by(0.5)}>
        +
      </Button>
      <Button
        variant="default"
        disabled={span.to - span.from >= 1}
        onClick={() => onZoom.to({ from: 0, to: 1 })}
      >
        {t("gantt.whole")}
      </Button>
      {gaps > 0 && (
        <Button
          variant="default"
          aria-pressed={isClosed}
          onClick={() => change({ gaps: isClosed ? undefined : "folded" })}
        >
          {isClosed ? t("gantt.openGaps") : t("gantt.foldGaps", { count: gaps })}
        </Button>
      )}
      <span className="muted gantt-hint">{t("gantt.hint")}</span>
    </Group>
  );
}

type RowsProps = { execution: Execution; now: number; scale: Scale; span: Span; gaps: Span[] };

function Rows({ execution, now, scale, span, gaps }: RowsProps) {
  const [search, change] = useUrl();
  const top = useMemo(() => treeOf(execution.taskRunList ?? []), [execution.taskRunList]);
  const turned = useMemo(() => new Set(search.turned?.split("|")), [search.turned]);
  const rows = useMemo(() => rowsOf(top, turned), [top, turned]);
  const scroller = useRef<HTMLDivElement>(null);
  const isOpen = (row?: Row) => row?.item.run !== undefined && row.item.id === search.run;
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (n) => (isOpen(rows[n]) ? ROW_PX + DETAILS_PX : ROW_PX),
    getItemKey: (n) => `${rows[n]?.item.id}${isOpen(rows[n]) ? " open" : ""}`,
    overscan: 10,
  });
  const turn = (id: string) => {
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    change({ turned: [...next].filter(Boolean).join("|") });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go on from the button in focus
    <div className="gantt" ref={scroller} onKeyDown={walkRows}>
      <ol style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const open = isOpen(row);
          return (
            <li key={key} style={{ transform: `translateY(${start}px)` }}>
              <GanttRow
                row={row}
                now={now}
                scale={scale}
                span={span}
                gaps={gaps}
                isOpen={open}
                onFold={() => turn(row.item.id)}
                onOpen={() => change({ run: open ? undefined : row.item.id })}
              />
              {open && row.item.run && (
                <RunDetails execution={execution} run={row.item.run} height={DETAILS_PX} />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** Up and down lead from row to row. */
function walkRows(event: KeyboardEvent<HTMLDivElement>) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".gantt-row")];
  const at = rows.indexOf(event.target as HTMLElement);
  if (!by || at < 0) return;
  event.preventDefault();
  rows[at + by]?.focus();
}
