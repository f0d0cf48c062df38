/** One line of a log, in a row of fixed height. */

import { memo, type ReactNode } from "react";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import type { Line } from "./lines";

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of terminals
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

type Props = {
  number: number;
  top: number;
  line: Line | undefined;
  find: string;
  isMarked: boolean;
  /** Puts the line into the address, so that a copied link leads to it. */
  onLink: (number: number) => void;
};

export const LineView = memo(function LineView({
  number,
  top,
  line,
  find,
  isMarked,
  onLink,
}: Props) {
  return (
    <div
      className="log-line"
      data-level={line?.level}
      data-marked={isMarked || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button
        type="button"
        tabIndex={-1}
        className="log-number"
        aria-label={t("logs.link", { line: number + 1 })}
        onClick={() => onLink(number)}
      >
        {number + 1}
      </button>
      {line && (
        <>
          <time dateTime={line.timestamp} title={line.timestamp}>
            {absoluteText(line.timestamp, zone()).slice(11, 19)}
          </time>
          <span className="log-level">{line.level}</span>
          <span className="log-task">{line.taskId}</span>
          <span className="log-text" title={line.message}>
            {highlighted(line.message.replace(ANSI, ""), find)}
          </span>
        </>
      )}
    </div>
  );
});

function highlighted(message: string, find: string): ReactNode {
  const at = find ? message.toLowerCase().indexOf(find.toLowerCase()) : -1;
  if (at < 0) return message;
  const end = at + find.length;
  return (
    <>
      {message.slice(0, at)}
      <mark>{message.slice(at, end)}</mark>
      {message.slice(end)}
    </>
  );
}
