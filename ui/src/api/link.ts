/** Whether the server can be reached, as the latest calls have shown; asked for when it was not. */

export type Link = { state: "live" | "reconnecting" | "offline"; retryAt?: number };

const RECONNECTING_AFTER_MS = 3_000;
const OFFLINE_AFTER_MS = 30_000;
const RETRY_MS = 5_000;

/** Follows what calls report; `ask` is called to find out whether the server is back. */
export class LinkWatch {
  link: Link = { state: "live" };
  private lostAt: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<() => void>();

  constructor(private ask: () => Promise<unknown>) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  reached(): void {
    clearTimeout(this.timer);
    this.lostAt = undefined;
    this.show({ state: "live" });
  }

  lost(): void {
    if (this.lostAt !== undefined) return;
    this.lostAt = Date.now();
    this.timer = setTimeout(() => this.retry(), RECONNECTING_AFTER_MS);
  }

  private retry(): void {
    if (this.lostAt === undefined) return;
    const isLong = Date.now() - this.lostAt >= OFFLINE_AFTER_MS;
    const retryAt = Date.now() + RETRY_MS;
    this.show(isLong ? { state: "offline", retryAt } : { state: "reconnecting" });
    this.timer = setTimeout(() => {
      this.ask().then(
        () => this.reached(),
        () => this.retry(),
      );
    }, RETRY_MS);
  }

  private show(link: Link): void {
    if (link.state === this.link.state && link.retryAt === this.link.retryAt) return;
    this.link = link;
    for (const listener of this.listeners) listener();
  }
}
