/** A window over the lines of a log: chunks are fetched as they come into view, few are kept. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { call, type Query } from "../api/client";

export type Line = {
  timestamp: string;
  level: string;
  taskId?: string;
  taskRunId?: string;
  attemptNumber?: number;
  message: string;
};

type Answer = { total: number; from: number; lines: Line[] };

const CHUNK = 1_000;
const MOST_CHUNKS = 20;
const LIVE_EVERY_MS = 1_000;

/** Reads lines by number, in the order of a filter. `at` gives undefined until a line is there. */
export function useLines(executionId: string, filter: Query, isLive: boolean) {
  const key = JSON.stringify(filter);
  const chunks = useRef(new Map<number, Line[]>());
  const asked = useRef(new Set<number>());
  const [, setVersion] = useState(0);
  const address = `/logs/${executionId}/lines`;

  const keep = useCallback((answer: Answer) => {
    const number = Math.floor(answer.from / CHUNK);
    chunks.current.delete(number);
    chunks.current.set(number, answer.lines);
    for (const oldest of chunks.current.keys()) {
      if (chunks.current.size <= MOST_CHUNKS) break;
      chunks.current.delete(oldest);
    }
    setVersion((version) => version + 1);
  }, []);

  const head = useQuery({
    queryKey: ["lines", executionId, key],
    refetchInterval: isLive ? LIVE_EVERY_MS : false,
    queryFn: async ({ signal }) => {
      const known = await call<Answer>("GET", address, {
        signal,
        query: { ...filter, from: 0, count: 0 },
      });
      const last = Math.max(0, Math.floor((known.total - 1) / CHUNK));
      const tail = await call<Answer>("GET", address, {
        signal,
        query: { ...filter, from: last * CHUNK, count: CHUNK },
      });
      keep(tail);
      return tail.total;
    },
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter has other lines
  useEffect(() => {
    chunks.current.clear();
    asked.current.clear();
  }, [key, executionId]);

  const want = useCallback(
    (number: number) => {
      if (asked.current.has(number) || chunks.current.has(number)) return;
      asked.current.add(number);
      call<Answer>("GET", address, {
        query: { ...JSON.parse(key), from: number * CHUNK, count: CHUNK },
      })
        .then(keep)
        .finally(() => asked.current.delete(number));
    },
    [address, key, keep],
  );

  const at = (index: number): Line | undefined => {
    const number = Math.floor(index / CHUNK);
    return chunks.current.get(number)?.[index % CHUNK];
  };
  /** Fetches what a view of these lines lacks. */
  const show = useCallback(
    (first: number, last: number) => {
      for (let n = Math.floor(first / CHUNK); n <= Math.floor(last / CHUNK); n++) want(n);
    },
    [want],
  );
  return { head, total: head.data ?? 0, at, show };
}
