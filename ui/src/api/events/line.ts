/**
 * A tab's line to the one stream of its browser: a SharedWorker owns it, else a tab elected by a
 * lock, else each tab has its own.
 */

import { addressOf } from "../client";
import { Hub, type Said, Switchboard } from "./hub";

export type Line = { want: (topics: string[]) => void; leave: () => void };
type Say = (said: Said) => void;

const NAME = "trunkline-events";
const tab = Math.random().toString(36).slice(2);
const address = () => addressOf("/events");
const connect = (topics: string) =>
  new EventSource(addressOf("/events", { topics }), { withCredentials: true });

export function openLine(say: Say): Line {
  if (typeof SharedWorker !== "undefined") return workerLine(say);
  if (navigator.locks && typeof BroadcastChannel !== "undefined") return electedLine(say);
  const hub = new Hub(connect, say);
  return { want: (topics) => hub.want(topics), leave: () => hub.want([]) };
}

function workerLine(say: Say): Line {
  const worker = new SharedWorker(new URL("./stream.worker.ts", import.meta.url), {
    type: "module",
    name: NAME,
  });
  worker.port.onmessage = ({ data }: MessageEvent<Said>) => say(data);
  const want = (topics: string[]) => worker.port.postMessage({ tab, address: address(), topics });
  return {
    want,
    leave: () => {
      want([]);
      worker.port.postMessage("bye");
    },
  };
}

type Message = { tab: string; topics: string[] } | { said: Said } | { elected: true };

/** The tab that holds the lock has the connection; the next one gets it when that tab is closed. */
function electedLine(say: Say): Line {
  const channel = new BroadcastChannel(NAME);
  let mine: string[] = [];
  let board: Switchboard | undefined;
  const tell = () => {
    board?.want(tab, mine);
    channel.postMessage({ tab, topics: mine } satisfies Message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ("said" in data) say(data.said);
    else if ("elected" in data) tell();
    else board?.want(data.tab, data.topics);
  };
  void navigator.locks.request(NAME, () => {
    const both = (said: Said) => {
      say(said);
      channel.postMessage({ said } satisfies Message);
    };
    board = new Switchboard(new Hub(connect, both));
    channel.postMessage({ elected: true } satisfies Message);
    tell();
    return new Promise(() => undefined); // held until the tab is closed
  });
  const want = (topics: string[]) => {
    mine = topics;
    tell();
  };
  return { want, leave: () => want([]) };
}
