/** The last runs of a flow as bars: height is duration, colour is state, a hover says both. */

import { Link } from "@tanstack/react-router";
import type { RunStrip } from "../api/types-more";
import { fillOf, glyphOf } from "../design/state";
import { absoluteText, durationText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import { heightsOf } from "./strip-heights";
import "./strip.css";

type Run = RunStrip["runs"][number];

export function Strip({ strip }: { strip?: RunStrip }) {
  const runs = [...(strip?.runs ?? [])].reverse(); // the newest stands at the right
  const last = runs.at(-1);
  if (!strip || !last) return <span className="muted">–</span>;
  const heights = heightsOf(runs);
  const place = `${strip.namespace}/${strip.flowId}`;
  return (
    <Link
      className="strip quiet"
      to={`/main/flows/edit/${place}/executions` as never}
      aria-label={t("flows.strip", { count: runs.length, summary: summaryOf(runs) })}
    >
      {runs.map((run, at) => (
        <span key={run.id} className="strip-run" title={titleOf(run)}>
          <i style={{ height: `${heights[at]}%`, background: fillOf(run.state) }} />
        </span>
      ))}
    </Link>
  );
}

/** `✓ SUCCESS, 1 m 28 s, 2026-11-22 09:30:00 UTC` */
function titleOf({ state, seconds, startDate }: Run): string {
  const took = seconds === undefined ? [] : [durationText(seconds * 1000)];
  return [`${glyphOf(state)} ${state}`, ...took, absoluteText(startDate, zone())].join(", ");
}

function summaryOf(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}
