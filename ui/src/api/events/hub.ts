/** The connection behind the one stream: follows a set of topics, heals itself, says how it stands. */

export type Said = { kind: "topic"; topic: string } | { kind: "open" | "lost" | "gone" };

/** What of an EventSource is used. */
export type Source = {
  addEventListener: (name: string, hear: (event: { lastEventId?: string }) => void) => void;
  close: () => void;
};

const PAUSES_MS = [500, 1_000, 2_000, 5_000];
const GATHER_MS = 50;
/** The server says something every 15 s: who hears nothing for so long listens to a dead line. */
const SILENT_MS = 40_000;

export class Hub {
  private wanted = "";
  private source: Source | undefined;
  /** Those that go on until the next one is open, so that nothing is missed between them. */
  private before: Source[] = [];
  private isUp = false;
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;

  /** `open` connects to the address of topics, joined by commas. */
  constructor(
    private open: (topics: string) => Source,
    private say: (said: Said) => void,
  ) {}

  /** Follows these topics, and no others; none closes the connection. */
  want(topics: Iterable<string>): void {
    const wanted = [...new Set(topics)].sort().join(",");
    if (wanted === this.wanted) {
      if (this.isUp) this.say({ kind: "open" }); // for a tab that has just come
      return;
    }
    this.wanted = wanted;
    this.attempts = 0;
    this.after(wanted ? GATHER_MS : 0); // pages open and close: what they want is gathered
  }

  private after(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), ms);
  }

  private connect(): void {
    if (!this.wanted) {
      this.close();
      return;
    }
    const source = this.open(this.wanted);
    if (this.source) this.before.push(this.source);
    this.source = source;
    this.listen();
    source.addEventListener("open", () => {
      this.attempts = 0;
      this.isUp = true;
      this.closeBefore();
      this.listen();
      this.say({ kind: "open" });
    });
    source.addEventListener("message", ({ lastEventId = "" }) => {
      this.listen();
      if (lastEventId === "gone") this.say({ kind: "gone" });
      else if (this.wanted.split(",").includes(lastEventId)) {
        this.say({ kind: "topic", topic: lastEventId });
      }
    });
    source.addEventListener("error", () => this.source === source && this.lose());
  }

  private lose(): void {
    this.close();
    this.say({ kind: "lost" });
    this.after(PAUSES_MS[Math.min(this.attempts, PAUSES_MS.length - 1)] ?? 0);
    this.attempts += 1;
  }

  private listen(): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.lose(), SILENT_MS);
  }

  private close(): void {
    clearTimeout(this.watch);
    this.closeBefore();
    this.source?.close();
    this.source = undefined;
    this.isUp = false;
  }

  private closeBefore(): void {
    for (const one of this.before.splice(0)) one.close();
  }
}

/** What the tabs of a browser want, in one hub. Who is not heard of for long is gone. */
export class Switchboard {
  private tabs = new Map<string, { topics: string[]; at: number }>();

  constructor(
    private hub: Hub,
    private silentMs = 150_000,
  ) {}

  want(tab: string, topics: string[]): void {
    const now = Date.now();
    if (topics.length === 0) this.tabs.delete(tab);
    else this.tabs.set(tab, { topics, at: now });
    for (const [name, { at }] of this.tabs) {
      if (now - at > this.silentMs) this.tabs.delete(name);
    }
    this.hub.want([...this.tabs.values()].flatMap(({ topics }) => topics).slice(0, 50));
  }
}
