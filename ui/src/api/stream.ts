/** Server-sent events: one connection that heals itself and says how it stands. */

import { addressOf } from "./client";

export type LinkState = "live" | "reconnecting" | "offline";

type Handlers = {
  /** Called with the parsed data of each event that carries some. */
  onData: (data: unknown, id: string) => void;
  onState?: (state: LinkState) => void;
};

const RECONNECTING_AFTER_MS = 3_000;
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Follows a stream until the returned function is called or the server says that it has ended
 * (an event with the id `end`). Nothing is connected while the tab is hidden.
 */
export function follow(path: string, { onData, onState }: Handlers): () => void {
  let source: EventSource | null = null;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const stop = () => {
    over = true;
    clearTimeout(timer);
    clearTimeout(late);
    source?.close();
    document.removeEventListener("visibilitychange", onVisibility);
  };
  const open = () => {
    if (over || document.hidden) return;
    source = new EventSource(addressOf(path), { withCredentials: true });
    source.onopen = () => {
      attempts = 0;
      clearTimeout(late);
      onState?.("live");
    };
    source.onmessage = (event) => {
      const data: unknown = event.data ? JSON.parse(event.data) : null;
      if (data && Object.keys(data).length > 0) onData(data, event.lastEventId);
      if (event.lastEventId === "end") stop();
    };
    source.onerror = () => {
      source?.close();
      if (over) return;
      if (attempts === 0) late = setTimeout(() => onState?.("reconnecting"), RECONNECTING_AFTER_MS);
      if (attempts >= PAUSES_MS.length) onState?.("offline");
      timer = setTimeout(open, PAUSES_MS[Math.min(attempts, PAUSES_MS.length - 1)]);
      attempts += 1;
    };
  };
  const onVisibility = () => {
    clearTimeout(timer);
    source?.close();
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", onVisibility);
  open();
  return stop;
}
