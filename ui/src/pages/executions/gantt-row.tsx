/** One row of the Gantt: name, state, the parts of its bar, how long it took. */

import { ChevronDown, ChevronRight } from "lucide-react";
import { fillOf, glyphOf } from "../../design/state";
import { StateBadge } from "../../design/state-badge";
import { durationText } from "../../design/time";
import { t } from "../../i18n";
import { type Row, type Segment, segmentsOf, stateOf } from "./gantt-rows";
import type { Scale, Span } from "./gantt-scale";

const STEP_PX = 16;
const FOLD_PX = 24;

type Props = {
  row: Row;
  now: number;
  scale: Scale;
  span: Span;
  gaps: Span[];
  isOpen: boolean;
  onFold: () => void;
  onOpen: () => void;
};

export function GanttRow({ row, now, scale, span, gaps, isOpen, onFold, onOpen }: Props) {
  const { item, depth, isFolded } = row;
  const segments = segmentsOf(row, now);
  const length = (segments.at(-1)?.to ?? 0) - (segments[0]?.from ?? 0);
  const isGroup = item.children.length > 0;
  const isRun = item.run !== undefined;
  return (
    <>
      {isGroup && (
        <button
          type="button"
          className="plain gantt-fold"
          style={{ insetInlineStart: 4 + depth * STEP_PX }}
          aria-expanded={!isFolded}
          aria-label={t(isFolded ? "graph.unfold" : "graph.fold", { name: item.taskId })}
          onClick={onFold}
        >
          {isFolded ? <ChevronRight size={14} /> : <ChevronDown size={14} />}
        </button>
      )}
      <button
        type="button"
        className="gantt-row"
        data-open={isOpen || undefined}
        aria-expanded={isRun ? isOpen : !isFolded}
        onClick={isRun ? onOpen : onFold}
      >
        <span className="gantt-name" style={{ paddingInlineStart: FOLD_PX + depth * STEP_PX }}>
          {item.taskId}
          {item.value !== undefined && <span className="muted"> {item.value}</span>}
          {!isRun && <span className="muted"> × {item.children.length}</span>}
        </span>
        {row.counts ? <Counts counts={row.counts} /> : <StateBadge state={stateOf(row)} />}
        <span className="gantt-track" aria-hidden="true">
          {gaps.map((gap) => (
            <Part key={gap.from} part={gap} scale={scale} span={span} className="gantt-gap" />
          ))}
          {segments.map((segment) => (
            <Bar key={`${segment.from} ${segment.kind}`} {...{ segment, scale, span }} />
          ))}
        </span>
        <span className="gantt-length">{durationText(length)}</span>
      </button>
    </>
  );
}

function Counts({ counts }: { counts: Record<string, number> }) {
  return (
    <span className="gantt-counts">
      {Object.entries(counts).map(([state, count]) => (
        <span key={state} style={{ color: `var(--${fillOf(state).slice(6, -1)}-text)` }}>
          <span aria-hidden="true">{glyphOf(state)} </span>
          {count}
          <span className="visually-hidden"> {state}</span>
        </span>
      ))}
    </span>
  );
}

type BarProps = { segment: Segment; scale: Scale; span: Span };

const Bar = ({ segment, scale, span }: BarProps) => (
  <Part
    part={segment}
    scale={scale}
    span={span}
    className="gantt-bar"
    kind={segment.kind}
    isLive={segment.isLive}
    background={fillOf(segment.state)}
  />
);

type PartProps = {
  part: Span;
  scale: Scale;
  span: Span;
  className: string;
  kind?: string;
  isLive?: boolean;
  background?: string;
};

/** What lies outside of the part in view is not drawn. */
function Part({ part, scale, span, className, kind, isLive, background }: PartProps) {
  const width = span.to - span.from;
  const from = Math.max(0, (scale.at(part.from) - span.from) / width);
  const to = Math.min(1, (scale.at(part.to) - span.from) / width);
  if (to < 0 || from > 1) return null;
  return (
    <span
      className={className}
      data-kind={kind}
      data-live={isLive || undefined}
      style={{
        insetInlineStart: `${from * 100}%`,
        width: `max(2px, ${(to - from) * 100}%)`,
        ["--fill" as string]: background,
      }}
    />
  );
}
