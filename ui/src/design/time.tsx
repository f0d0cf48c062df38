/** Moments and durations for people (rule 7): relative with the absolute time at hand. */

import { useEffect, useState } from "react";
import { useLook } from "./look";
import { formatOf, useZone } from "./zone";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `12 min. ago`, from a moment in ISO-8601 and the present in milliseconds. */
export function relativeText(moment: string, now: number): string {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(Math.round(seconds), "second");
}

/** `2026-11-22 09:30:00 UTC` in a zone. */
export function absoluteText(moment: string, timeZone: string): string {
  return `${formatOf(timeZone).format(new Date(moment))} ${timeZone}`;
}

/** As the language of the person writes it, `Nov 22, 2026, 9:30 AM`. */
function localText(moment: string, timeZone: string, language?: string): string {
  const format = { timeZone, dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(language, format).format(new Date(moment));
}

/** `1 m 28 s`, from milliseconds. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The present, renewed every `everyMs`; not while the tab is hidden. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function Moment({ at, absolute = false }: { at?: string | null; absolute?: boolean }) {
  useNow(15_000);
  const { dates = "relative", language } = useLook();
  const zone = useZone();
  if (!at) return <span className="muted">–</span>;
  const exact = absoluteText(at, zone);
  const isAbsolute = absolute || dates === "absolute";
  return (
    <time dateTime={at} title={isAbsolute ? at : exact}>
      {isAbsolute
        ? exact
        : dates === "local"
          ? localText(at, zone, language)
          : // what came since the last renewal would lie in the future by it
            relativeText(at, Date.now())}
    </time>
  );
}

/** How long something took, or has been going on. */
export function Duration({ from, to }: { from?: string | null; to?: string | null }) {
  const now = useNow(to ? 3_600_000 : 1_000);
  if (!from) return <span className="muted">–</span>;
  return (
    <span>{durationText((to ? new Date(to).getTime() : now) - new Date(from).getTime())}</span>
  );
}
