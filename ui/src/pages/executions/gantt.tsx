/** The task runs on one time axis; a row opens what it printed and gave. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { Execution } from "../../api/types";
import { Panel } from "../../design/panel";
import { fillOf, hasEnded } from "../../design/state";
import { StateBadge } from "../../design/state-badge";
import { durationText, useNow } from "../../design/time";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import "./gantt.css";
import { axisOf, type Row, rowsOf } from "./gantt-rows";

const ROW_PX = 32;

export function Gantt({ execution }: { execution: Execution }) {
  const now = useNow(hasEnded(execution.state.current) ? 3_600_000 : 500);
  const axis = axisOf(execution, now);
  const rows = useMemo(() => rowsOf(execution.taskRunList ?? [], now), [execution, now]);
  const [chosen, setChosen] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const window = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const open = rows.find((row) => row.run.id === chosen);
  return (
    <Panel title={t("execution.gantt")}>
      {rows.length === 0 && (
        <p className="panel-body muted">
          {t(hasEnded(execution.state.current) ? "gantt.none" : "gantt.waiting")}
        </p>
      )}
      <div className="gantt" ref={scroller}>
        <ol style={{ height: window.getTotalSize() }}>
          {window.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <li key={row.run.id} style={{ transform: `translateY(${item.start}px)` }}>
                <Bar
                  row={row}
                  axis={axis}
                  isOpen={row.run.id === chosen}
                  onOpen={() => setChosen(row.run.id === chosen ? null : row.run.id)}
                />
              </li>
            );
          })}
        </ol>
      </div>
      {open && <Details row={open} />}
    </Panel>
  );
}

type BarProps = {
  row: Row;
  axis: { from: number; to: number };
  isOpen: boolean;
  onOpen: () => void;
};

function Bar({ row, axis, isOpen, onOpen }: BarProps) {
  const scale = 100 / (axis.to - axis.from);
  const { run } = row;
  return (
    <button type="button" className="gantt-row" aria-expanded={isOpen} onClick={onOpen}>
      <span className="gantt-name" style={{ paddingInlineStart: row.depth * 16 }}>
        {run.taskId}
        {run.value !== undefined && <span className="muted"> {run.value}</span>}
      </span>
      <StateBadge state={run.state.current} />
      <span className="gantt-track" aria-hidden="true">
        {row.segments.map((segment) => (
          <span
            key={segment.from + segment.state}
            className="gantt-bar"
            data-waiting={segment.state === "CREATED" || undefined}
            style={{
              insetInlineStart: `${(segment.from - axis.from) * scale}%`,
              width: `max(2px, ${(segment.to - segment.from) * scale}%)`,
              background: fillOf(segment.state === "RUNNING" ? run.state.current : segment.state),
            }}
          />
        ))}
      </span>
      <span className="gantt-length">{durationText(row.to - row.from)}</span>
    </button>
  );
}

function Details({ row }: { row: Row }) {
  const outputs = row.run.outputs ?? {};
  return (
    <section className="panel-body" aria-label={row.run.taskId}>
      <h3>{row.run.taskId}</h3>
      {Object.keys(outputs).length > 0 ? (
        <Values values={outputs} />
      ) : (
        <p className="muted">{t("execution.noOutputs")}</p>
      )}
    </section>
  );
}
