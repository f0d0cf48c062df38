/** Figures of the server, as this page shows them. */

import type { Sample } from "../../api/figures";

export * from "../../api/figures";

/** Which figure says how many seconds a part of the server is behind. */
const LAGS: Record<string, { name: string; queue?: string }> = {
  beat: { name: "trunkline_timers_late_seconds" },
  engine: { name: "trunkline_queue_oldest_seconds", queue: "engine" },
  reconciler: { name: "gitops_behind_seconds" },
};

/** How far behind a part is, in seconds: the worst where there are several figures. */
export function lagOf(samples: readonly Sample[], part: string): number | undefined {
  const lag = LAGS[part];
  if (!lag) return undefined;
  const found = samples.filter(
    ({ name, labels }) => name === lag.name && (!lag.queue || labels.queue === lag.queue),
  );
  return found.length ? Math.max(...found.map(({ value }) => value)) : undefined;
}

/** `184 MB` of bytes. */
export const memoryText = (bytes?: number): string =>
  bytes === undefined ? "–" : `${Math.round(bytes / 1_000_000).toLocaleString("en")} MB`;

type Serving = { type: string; state: string; name?: string; queues?: string[] };

/** The names of the workers that serve a queue now. */
export const consumersOf = (queue: string, processes: readonly Serving[]): string[] =>
  processes
    .filter(
      (one) => one.type === "WORKER" && one.state === "RUNNING" && one.queues?.includes(queue),
    )
    .map(({ name }) => name ?? "");

/**
 * The tags and keys of a worker, told by the queues they add (`script.eu`, `script.eu+gpu`), and
 * the queues without those that only the tags of another one make.
 */
export function servedOf(queues: readonly string[] = []): { queues: string[]; tags: string[] } {
  const parts = queues.map((queue) => queue.split("."));
  const plain = parts.filter(([, tag]) => tag === undefined).map(([name = ""]) => name);
  const only = parts.filter(([name = "", tag]) => tag && !plain.includes(name));
  const tags = parts.flatMap(([, tag]) => tag?.split("+") ?? []);
  return {
    queues: [...plain, ...only.map((one) => one.join("."))],
    tags: [...new Set(tags)].sort(),
  };
}

const LONG_S = 60;

type Waiting = { waiting: number; running: number; oldestSeconds: number; pausedSince?: string };

/** Whether a queue's jobs wait because somebody paused it. */
export const isHeld = (queue: Waiting): boolean => queue.waiting > 0 && !!queue.pausedSince;

/** Whether a queue's jobs wait for nobody: no worker serves it, or none has begun for a minute. */
export const isStuck = (queue: Waiting, consumers: number): boolean =>
  queue.waiting > 0 &&
  !queue.pausedSince &&
  (consumers === 0 || (queue.running === 0 && queue.oldestSeconds > LONG_S));
