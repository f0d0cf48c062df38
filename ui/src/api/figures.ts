/** Figures in Prometheus' text, as far as pages show them. */

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
