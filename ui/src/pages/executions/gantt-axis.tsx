/** The time axis above the rows: a drag over it chooses what is shown. */

import { type PointerEvent, useState } from "react";
import { durationText } from "../../design/time";
import type { Scale, Span } from "./gantt-scale";

const TICKS = [0, 0.2, 0.4, 0.6, 0.8];
const LEAST_PX = 6; // a shorter drag is a click

type Props = { axis: Span; scale: Scale; span: Span; onSpan: (span: Span) => void };

export function Axis({ axis, scale, span, onSpan }: Props) {
  const [drag, setDrag] = useState<Span | null>(null);
  const width = span.to - span.from;
  const partOf = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width: size } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / size));
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: partOf(event), to: partOf(event) });
  };
  const end = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag) return;
    const from = Math.min(drag.from, drag.to);
    const to = Math.max(drag.from, drag.to);
    setDrag(null);
    if ((to - from) * event.currentTarget.clientWidth < LEAST_PX) return;
    onSpan({ from: span.from + from * width, to: span.from + to * width });
  };
  return (
    <div className="gantt-axis" aria-hidden="true">
      <div
        className="gantt-ticks"
        onPointerDown={start}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: partOf(event) })}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
      >
        {TICKS.map((part) => (
          <span key={part} style={{ insetInlineStart: `${part * 100}%` }}>
            {durationText(scale.back(span.from + part * width) - axis.from)}
          </span>
        ))}
        {drag && (
          <i
            style={{
              insetInlineStart: `${Math.min(drag.from, drag.to) * 100}%`,
              width: `${Math.abs(drag.to - drag.from) * 100}%`,
            }}
          />
        )}
      </div>
    </div>
  );
}
