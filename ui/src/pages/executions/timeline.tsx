/** The states of an execution as one bar, and as a table with how long each lasted. */

import type { Execution, History } from "../../api/types";
import { pairs } from "../../design/pairs";
import { Panel } from "../../design/panel";
import { ScrollX } from "../../design/scroll-x";
import { fillOf, hasEnded } from "../../design/state";
import { StateBadge } from "../../design/state-badge";
import { durationText, Moment, useNow } from "../../design/time";
import { t } from "../../i18n";

type Step = History & { ms: number };

/** Each state with its milliseconds; an end lasts none. */
export function stepsOf(histories: readonly History[], now: number): Step[] {
  return histories.map((entry, n) => {
    const next = histories[n + 1];
    const until = next ? new Date(next.date).getTime() : now;
    const isEnd = !next && hasEnded(entry.state);
    return { ...entry, ms: isEnd ? 0 : Math.max(0, until - new Date(entry.date).getTime()) };
  });
}

export function Timeline({ execution }: { execution: Execution }) {
  const { histories, current } = execution.state;
  const now = useNow(hasEnded(current) ? 3_600_000 : 1_000);
  const steps = stepsOf(histories, now);
  return (
    <Panel title={t("execution.history")}>
      <div className="timeline" aria-hidden="true">
        {steps.map(({ state, date, ms }) => (
          <span
            key={date + state}
            title={state}
            style={{ flexGrow: ms, background: fillOf(state) }}
          />
        ))}
      </div>
      <ScrollX label={t("execution.history")}>
        <table className="data" {...pairs(3)}>
          <thead>
            <tr>
              <th scope="col">{t("column.state")}</th>
              <th scope="col">{t("column.time")}</th>
              <th scope="col">{t("column.duration")}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map(({ state, date, ms }) => (
              <tr key={date + state}>
                <td>
                  <StateBadge state={state} />
                </td>
                <td>
                  <Moment at={date} absolute />
                </td>
                <td>{hasEnded(state) ? "" : durationText(ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </Panel>
  );
}
