/** Which topics the page in view follows, and what is done when one has news. */

import { call, linkWatch } from "../client";
import type { Said } from "./hub";
import { type Line, openLine } from "./line";

/** A tab that has been hidden for so long follows nothing. */
const HIDDEN_MS = 60_000;
/** Without a stream pages ask by themselves. */
const POLL_MS = 5_000;
/** The stream is told that this tab is still there. */
const ALIVE_MS = 45_000;

type Subscription = {
  topic: string;
  onNews: () => void;
  everyMs: number;
  at: number;
  /** It has not been followed by the stream yet. */
  isNew: boolean;
  late?: number;
};

export class Subscriptions {
  private all = new Set<Subscription>();
  private line: Line | undefined;
  private isOpen = false;
  private hiddenFor: ReturnType<typeof setTimeout> | undefined;
  private isAway = false;

  constructor(private makeLine: (say: (said: Said) => void) => Line = openLine) {}

  /** Calls `onNews` when a topic has news, at most every `everyMs`; the returned function ends it. */
  add(topic: string, onNews: () => void, everyMs: number): () => void {
    this.begin();
    const one: Subscription = { topic, onNews, everyMs, at: Date.now(), isNew: true };
    this.all.add(one);
    this.want();
    return () => {
      this.all.delete(one);
      window.clearTimeout(one.late);
      this.want();
    };
  }

  private begin(): void {
    if (this.line) return;
    this.line = this.makeLine((said) => this.hear(said));
    document.addEventListener("visibilitychange", () => this.onVisibility());
    window.addEventListener("pagehide", () => this.line?.leave());
    window.addEventListener("pageshow", (event) => event.persisted && this.want());
    setInterval(() => this.want(), ALIVE_MS);
    setInterval(() => !this.isOpen && !document.hidden && this.tellAll(), POLL_MS);
  }

  private want(): void {
    this.line?.want(this.isAway ? [] : [...new Set([...this.all].map(({ topic }) => topic))]);
  }

  private hear(said: Said): void {
    if (said.kind === "topic") this.tell(({ topic }) => topic === said.topic);
    else if (said.kind === "open") {
      if (!this.isOpen) linkWatch.reached();
      const wasOpen = this.isOpen;
      this.isOpen = true;
      this.tell(({ isNew }) => isNew || !wasOpen); // what happened before is told by nobody
      for (const one of this.all) one.isNew = false;
    } else {
      this.isOpen = false;
      if (said.kind === "lost") linkWatch.lost();
      // the answer to who is there opens the dialog where nobody is
      else void call("GET", "/me/preferences").catch(() => undefined);
    }
  }

  private tellAll(): void {
    this.tell(() => true);
  }

  /** At once where it is long enough since the last time, else then. None while the tab is hidden. */
  private tell(fits: (one: Subscription) => boolean): void {
    if (document.hidden) {
      for (const one of this.all) if (fits(one)) one.at = 0;
      return;
    }
    for (const one of this.all) {
      if (!fits(one) || one.late !== undefined) continue;
      const act = () => {
        one.late = undefined;
        one.at = Date.now();
        one.onNews();
      };
      const wait = one.at + one.everyMs - Date.now();
      if (wait <= 0) act();
      else one.late = window.setTimeout(act, wait);
    }
  }

  private onVisibility(): void {
    clearTimeout(this.hiddenFor);
    if (document.hidden) {
      this.hiddenFor = setTimeout(() => {
        this.isAway = true;
        this.want();
      }, HIDDEN_MS);
      return;
    }
    this.tell(({ at }) => this.isAway || at === 0);
    this.isAway = false;
    this.want();
  }
}

export const subscriptions = new Subscriptions();
