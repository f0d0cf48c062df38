/** One line of a log, in a row of fixed height. */

import { memo } from "react";
import { t } from "../i18n";
import type { Line } from "./lines";
import { type Piece, pieces, rowOf } from "./pieces";

type Props = {
  number: number;
  top: number;
  line: Line | undefined;
  /** The time as the viewer shows it. */
  time: string;
  /** With the flag `g`. */
  find: RegExp | null;
  isMarked: boolean;
  /** How many lines there are; -1 while more come. */
  count: number;
  onPick: (number: number, extend: boolean) => void;
  onOpen: (number: number) => void;
};

export const LineView = memo(function LineView(props: Props) {
  const { number, top, line, time, isMarked, count, onPick } = props;
  return (
    <article
      className="log-line"
      data-level={line?.level}
      data-marked={isMarked || undefined}
      aria-posinset={number + 1}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button
        type="button"
        tabIndex={-1}
        className="log-number"
        aria-label={t("logs.link", { line: number + 1 })}
        onClick={(event) => onPick(number, event.shiftKey)}
      >
        {number + 1}
      </button>
      {line && (
        <>
          <time dateTime={line.timestamp} title={line.timestamp}>
            {time}
          </time>
          <span className="log-level">{line.level}</span>
          <span className="log-task">{line.taskId}</span>
          <Message {...props} line={line} />
        </>
      )}
    </article>
  );
});

function Message({ number, line, find, onOpen }: Props & { line: Line }) {
  const { head, more } = rowOf(line.message);
  return (
    <>
      <span className="log-text">
        <Pieces pieces={pieces(head, find)} />
      </span>
      {more > 0 && (
        <button type="button" tabIndex={-1} className="log-more" onClick={() => onOpen(number)}>
          {t("logs.more", { count: more })}
        </button>
      )}
    </>
  );
}

export function Pieces({ pieces: all }: { pieces: Piece[] }) {
  if (all.length === 1 && all[0] && !all[0].href && !all[0].color && !all[0].isFound) {
    return all[0].text;
  }
  return all.map((piece, place) => {
    const key = `${place} ${piece.text.length}`;
    const style = {
      color: piece.color && `var(--${piece.color})`,
      fontWeight: piece.isBold ? 600 : undefined,
    };
    if (piece.isFound) return <mark key={key}>{piece.text}</mark>;
    if (!piece.href) {
      return (
        <span key={key} style={style}>
          {piece.text}
        </span>
      );
    }
    return (
      <a key={key} href={piece.href} target="_blank" rel="noreferrer" tabIndex={-1} style={style}>
        {piece.text}
      </a>
    );
  });
}
