/** A window over the lines of a log: chunks are fetched as they come into view, few are kept. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, type Query } from "../api/client";
import { useTopic } from "../api/events/use-topic";

export type Line = {
  timestamp: string;
  level: string;
  taskId?: string;
  taskRunId?: string;
  attemptNumber?: number;
  message: string;
};

type Answer = { total: number; from: number; lines: Line[] };

const CHUNK = 500;
const MOST_CHUNKS = 40;
const AHEAD = 100;
const SETTLED_MS = 30;

/** The lines that were fetched, by their number in the order of a filter; tells when some come. */
export class LineStore {
  version = 0;
  private chunks = new Map<number, Line[]>();
  private asked = new Set<number>();
  private listeners = new Set<() => void>();
  private total = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private address: string,
    private filter: Query,
  ) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Undefined until the line is there. */
  at(index: number): Line | undefined {
    return this.chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
  }

  /** Fetches what a view of these lines lacks, once it stands still: a drag passes thousands. */
  show(first: number, last: number): void {
    clearTimeout(this.timer);
    const from = Math.floor(Math.max(0, first - AHEAD) / CHUNK);
    const to = Math.floor(Math.min(this.total - 1, last + AHEAD) / CHUNK);
    const lacking: number[] = [];
    for (let n = from; n <= to; n++) if (this.lacks(n)) lacking.push(n);
    if (lacking.length === 0) return;
    this.timer = setTimeout(() => lacking.forEach((n) => void this.want(n)), SETTLED_MS);
  }

  keep({ total, from, lines }: Answer): void {
    const number = Math.floor(from / CHUNK);
    this.total = total;
    this.chunks.delete(number);
    this.chunks.set(number, lines);
    for (const oldest of this.chunks.keys()) {
      if (this.chunks.size <= MOST_CHUNKS) break;
      this.chunks.delete(oldest);
    }
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  fetch(from: number, count: number, signal?: AbortSignal): Promise<Answer> {
    return call<Answer>("GET", this.address, { signal, query: { ...this.filter, from, count } });
  }

  /** The last chunk of a log that grows is not full; once it is no longer the last, it lacks some. */
  private lacks(number: number): boolean {
    const chunk = this.chunks.get(number);
    const known = Math.min(CHUNK, this.total - number * CHUNK);
    return !this.asked.has(number) && (chunk === undefined || chunk.length < known);
  }

  private async want(number: number): Promise<void> {
    this.asked.add(number);
    try {
      this.keep(await this.fetch(number * CHUNK, CHUNK));
    } catch {
      // the rows stay empty, and are asked for again at the next move
    } finally {
      this.asked.delete(number);
    }
  }
}

/** Reads lines by number, in the order of a filter. */
export function useLines(executionId: string, filter: Query, isLive: boolean) {
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the filter
  const store = useMemo(
    () => new LineStore(`/logs/${executionId}/lines`, filter),
    [executionId, key],
  );
  useTopic(isLive ? `log:${executionId}` : undefined, ["lines", executionId]);
  const head = useQuery({
    queryKey: ["lines", executionId, key, isLive], // asked once more at the end, for the last lines
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const first = await store.fetch(0, isLive ? 0 : CHUNK, signal);
      if (!isLive || first.total === 0) {
        store.keep(first);
        return first.total;
      }
      const last = Math.floor((first.total - 1) / CHUNK);
      const tail = await store.fetch(last * CHUNK, CHUNK, signal);
      store.keep(tail);
      return tail.total;
    },
  });
  return { head, total: head.data ?? 0, store };
}
