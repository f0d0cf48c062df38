/** What is looked for in a log, where it stands, and the way from one place to the next. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { call, type Query } from "../api/client";

/** As the address keeps it. */
export type Find = { text: string; isExact: boolean; isPattern: boolean };

type Places = { total: number; from: number; lines: number[] };

const AT_ONCE = 5_000;
/** More lines than any log has. */
const BEYOND = 999_999_999;
const LIVE_EVERY_MS = 5_000;

/** The server's words for it; nothing where no text is given. */
export function queryOf({ text, isExact, isPattern }: Find): Query {
  if (!text) return {};
  return { [isPattern ? "regex" : "q"]: text, caseSensitive: isExact };
}

/** How the browser finds it in a line that is shown; null for what it cannot read. */
export function expressionOf({ text, isExact, isPattern }: Find): RegExp | null {
  if (!text) return null;
  try {
    const source = isPattern ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(source, isExact ? "g" : "gi");
  } catch {
    return null;
  }
}

/** The numbers of lines that fit a question, by their place among them; parts are fetched as needed. */
function usePlaces(
  executionId: string,
  query: Query,
  place: number,
  isAsked: boolean,
  isLive = false,
) {
  const from = Math.floor(place / AT_ONCE) * AT_ONCE;
  return useQuery({
    queryKey: ["matches", executionId, query, from],
    enabled: isAsked,
    refetchInterval: isLive ? LIVE_EVERY_MS : false,
    queryFn: ({ signal }) =>
      call<Places>("GET", `/logs/${executionId}/matches`, {
        signal,
        query: { ...query, from, count: AT_ONCE },
      }),
  });
}

/** Steps through the lines that hold what is looked for; the first is gone to by itself. */
export function useMatches(
  executionId: string,
  filter: Query,
  find: Find,
  isOnly: boolean,
  /** The line that the address leads to: a search begins there, and goes nowhere by itself. */
  linked: number | null,
  onGo: (line: number) => void,
) {
  const [place, setPlace] = useState(0);
  const query = { ...filter, ...queryOf(find) };
  const found = usePlaces(executionId, query, place, find.text !== "" && !isOnly);
  const key = JSON.stringify(query);
  const begun = useRef("");
  const waiting = useRef(false);
  const begin = (lines: number[]) => {
    const isLinked = begun.current === "" && linked !== null;
    begun.current = key;
    waiting.current = false;
    const near = isLinked ? lines.findIndex((line) => line >= linked) : 0;
    setPlace(Math.max(0, near));
    if (lines[0] !== undefined && !isLinked) onGo(lines[0]);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new search begins at its first place
  useEffect(() => {
    if (!found.data || !find.text) return;
    if (begun.current !== key) begin(found.data.lines);
    else if (waiting.current) {
      waiting.current = false;
      const line = found.data.lines[place - found.data.from];
      if (line !== undefined) onGo(line);
    }
  }, [found.data, key]);
  const total = found.data?.total ?? 0;
  const step = (by: number) => {
    if (total === 0) return;
    const next = (place + by + total) % total;
    setPlace(next);
    const data = found.data;
    const line = data && next >= data.from ? data.lines[next - data.from] : undefined;
    if (line === undefined) waiting.current = true;
    else onGo(line);
  };
  return { found, total, place, step };
}

/** Leads to the error after a line, or before it; wraps round at the ends. */
export function useErrors(executionId: string, filter: Query, isAsked: boolean, isLive: boolean) {
  const query = useMemo(() => ({ ...filter, errors: true }), [filter]);
  const found = usePlaces(executionId, query, 0, isAsked, isLive);
  const { total = 0, lines = [] } = found.data ?? {};
  const next = async (line: number, by: 1 | -1): Promise<number | undefined> => {
    if (lines.length === total) return nearest(lines, line, by);
    const ask = async (place: Query) => {
      const answer = await call<Places>("GET", `/logs/${executionId}/matches`, {
        query: { ...query, ...place, count: 1 },
      });
      return answer.lines[0];
    };
    return by > 0
      ? ((await ask(line < 0 ? {} : { after: line })) ?? lines[0])
      : ((await ask({ before: Math.max(0, line) })) ?? ask({ before: BEYOND }));
  };
  return { total, next };
}

/** Of some lines in order the next to a line, one way or the other. */
export function nearest(lines: readonly number[], line: number, by: 1 | -1): number | undefined {
  return by > 0
    ? (lines.find((one) => one > line) ?? lines[0])
    : (lines.findLast((one) => one < line) ?? lines.at(-1));
}
