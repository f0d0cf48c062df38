/** A text with a panel beside it and one below; both are as large as they were left. */

import type { CSSProperties, KeyboardEvent, PointerEvent, ReactNode } from "react";
import { t } from "../i18n";
import "./split.css";

export type Sizes = {
  /** Of the panel beside, in hundredths of the width. */
  width: number;
  /** Of the text, in hundredths of the window's height. */
  height: number;
};

export const SIZES: Sizes = { width: 40, height: 56 };
const LIMITS: Record<keyof Sizes, [number, number]> = { width: [15, 70], height: [20, 85] };
const STEP = 2;

const within = (name: keyof Sizes, value: number) =>
  Math.round(Math.min(LIMITS[name][1], Math.max(LIMITS[name][0], value)));

type Props = {
  sizes: Sizes;
  /** `isDone` says that the hand has let go. */
  onSizes: (sizes: Sizes, isDone: boolean) => void;
  main: ReactNode;
  side?: ReactNode;
  below?: ReactNode;
};

export function Split({ sizes, onSizes, main, side, below }: Props) {
  const style = { "--side": `${sizes.width}%`, "--height": `${sizes.height}vh` } as CSSProperties;
  const edgeOf = (name: keyof Sizes) => (
    <Edge
      name={name}
      value={sizes[name]}
      onMove={(value, isDone) => onSizes({ ...sizes, [name]: within(name, value) }, isDone)}
    />
  );
  return (
    <div className="split" style={style}>
      <div className="split-row" data-side={side !== undefined || undefined}>
        <div className="split-main">{main}</div>
        {side && (
          <>
            {edgeOf("width")}
            <div className="split-side">{side}</div>
          </>
        )}
      </div>
      {below && (
        <>
          {edgeOf("height")}
          <div className="split-below">{below}</div>
        </>
      )}
    </div>
  );
}

type EdgeProps = {
  name: keyof Sizes;
  value: number;
  onMove: (value: number, isDone: boolean) => void;
};

const KEYS: Record<string, number> = {
  ArrowLeft: STEP,
  ArrowRight: -STEP,
  ArrowUp: -STEP,
  ArrowDown: STEP,
};

/** Is dragged, or moved by the arrow keys. */
function Edge({ name, value, onMove }: EdgeProps) {
  const at = (event: PointerEvent<HTMLElement>) => {
    const row = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!row) return value;
    return name === "width"
      ? (100 * (row.right - event.clientX)) / row.width
      : (100 * (event.clientY - row.top)) / window.innerHeight;
  };
  const key = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    onMove(value + step, true);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that is moved is no <hr>
    <div
      className="split-edge"
      data-of={name}
      role="separator"
      tabIndex={0}
      aria-label={t(`split.${name}`)}
      aria-orientation={name === "width" ? "vertical" : "horizontal"}
      aria-valuenow={value}
      aria-valuemin={LIMITS[name][0]}
      aria-valuemax={LIMITS[name][1]}
      onKeyDown={key}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) onMove(at(event), false);
      }}
      onPointerUp={(event) => onMove(at(event), true)}
    />
  );
}
