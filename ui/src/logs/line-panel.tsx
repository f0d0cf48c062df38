/** One line of a log as a whole: several lines, wrapped, JSON laid out. */

import { CloseButton } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { Copy } from "../design/copy";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import { Pieces } from "./line-view";
import type { LineStore } from "./lines";
import { pieces, plain, prettyJson } from "./pieces";

/** What is shown of a message at most; the rest is in the download. */
const MOST_SHOWN = 64 * 1024;

type Props = { store: LineStore; number: number; find: RegExp | null; onClose: () => void };

export function LinePanel({ store, number, find, onClose }: Props) {
  useSyncExternalStore(store.subscribe, () => store.version);
  const line = store.at(number);
  const whole = line ? (prettyJson(plain(line.message)) ?? line.message) : "";
  return (
    <aside className="log-panel" aria-label={t("logs.line", { line: number + 1 })}>
      <header>
        <h2>{t("logs.line", { line: number + 1 })}</h2>
        {line && <Copy text={plain(line.message)} label={t("logs.copyMessage")} />}
        <CloseButton aria-label={t("logs.closePanel")} onClick={onClose} />
      </header>
      {line && (
        <>
          <dl>
            <dt>{t("column.time")}</dt>
            <dd>{absoluteText(line.timestamp, zone())}</dd>
            <dt>{t("logs.column.level")}</dt>
            <dd>{line.level}</dd>
            {line.taskId && (
              <>
                <dt>{t("logs.task")}</dt>
                <dd className="mono">{line.taskId}</dd>
              </>
            )}
            {line.attemptNumber !== undefined && (
              <>
                <dt>{t("logs.attempt")}</dt>
                <dd>{line.attemptNumber + 1}</dd>
              </>
            )}
          </dl>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls takes the keys */}
          <pre tabIndex={0}>
            <Pieces pieces={pieces(whole.slice(0, MOST_SHOWN), find)} />
          </pre>
          {whole.length > MOST_SHOWN && (
            <p className="muted">{t("logs.cut", { count: whole.length })}</p>
          )}
        </>
      )}
    </aside>
  );
}
