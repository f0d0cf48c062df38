/** Figures of the server, as this page shows them. */

export * from "../../api/figures";
export type Sample = { name: string; labels: Record<string, string>; value: number };

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export function samplesOf(text: string): Sample[] {
  const found: Sample[] = [];
  for (const line of text.split("\n")) {
    const match = line.startsWith("#") ? null : line.match(LINE);
    if (!match) continue;
    const [, name = "", inside = "", value = ""] = match;
    const labels = Object.fromEntries(
      [...inside.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text]),
    );
    found.push({ name, labels, value: Number(value) });
  }
  return found;
}

export type Queue = {
  name: string;
  waiting: number;
  running: number;
  oldest: number;
  depth: number;
};

const FIELDS: Record<string, Exclude<keyof Queue, "name">> = {
  trunkline_task_runs_runnable: "waiting",
  trunkline_task_runs_running: "running",
  trunkline_queue_oldest_seconds: "oldest",
  trunkline_queue_depth: "depth",
};

/** The queues, by name, with what each of them holds. */
export function queuesOf(samples: readonly Sample[]): Queue[] {
  const found = new Map<string, Queue>();
  for (const { name, labels, value } of samples) {
    const field = FIELDS[name];
    const queue = labels.queue;
    if (!field || !queue) continue;
    const known = found.get(queue) ?? { name: queue, waiting: 0, running: 0, oldest: 0, depth: 0 };
    found.set(queue, { ...known, [field]: value });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** The sum over all labels of a figure; undefined where it is not told. */
export function sumOf(samples: readonly Sample[], name: string): number | undefined {
  const fitting = samples.filter((sample) => sample.name === name);
  return fitting.length ? fitting.reduce((sum, sample) => sum + sample.value, 0) : undefined;
}

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

const LONG_S = 60;

/** Whether a queue's jobs wait for nobody: no worker serves it, or none has begun for a minute. */
export const isStuck = (queue: Queue, consumers: number): boolean =>
  queue.waiting > 0 && (consumers === 0 || (queue.running === 0 && queue.oldest > LONG_S));
