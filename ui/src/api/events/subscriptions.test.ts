import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Said } from "./hub";
import { Subscriptions } from "./subscriptions";

let say: (said: Said) => void;
let wanted: string[][];
const subscriptions = () => {
  wanted = [];
  return new Subscriptions((hear) => {
    say = hear;
    return { want: (topics) => wanted.push(topics), leave: () => wanted.push([]) };
  });
};

function hide(hidden: boolean) {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  globalThis.fetch = vi.fn(() => Promise.resolve(new Response("{}")));
});
afterEach(() => {
  hide(false);
  vi.useRealTimers();
});

test("news come at once, and then not more often than asked for", () => {
  const all = subscriptions();
  const onNews = vi.fn();
  const end = all.add("git", onNews, 1_000);
  say({ kind: "open" });
  vi.advanceTimersByTime(2_000);
  onNews.mockClear();

  for (let n = 0; n < 20; n++) {
    say({ kind: "topic", topic: "git" });
    say({ kind: "topic", topic: "workers" });
    vi.advanceTimersByTime(100);
  }
  const heard = onNews.mock.calls.length;
  end();
  vi.advanceTimersByTime(5_000);

  expect(heard).toBeGreaterThanOrEqual(2);
  expect(heard).toBeLessThanOrEqual(3);
  expect(onNews.mock.calls.length).toBe(heard);
  expect(wanted.at(-1)).toEqual([]);
});

test("without a stream it is asked every five seconds, and at once when it is back", () => {
  const all = subscriptions();
  const onNews = vi.fn();
  all.add("git", onNews, 250);
  say({ kind: "open" });
  vi.advanceTimersByTime(60_000);
  const whileOpen = onNews.mock.calls.length;
  say({ kind: "lost" });
  vi.advanceTimersByTime(10_100);
  const whileLost = onNews.mock.calls.length - whileOpen;
  say({ kind: "open" });
  vi.advanceTimersByTime(300);

  expect(whileOpen).toBe(1);
  expect(whileLost).toBe(2);
  expect(onNews.mock.calls.length).toBe(whileOpen + whileLost + 1);
});

test("a hidden tab paints nothing, after a minute follows nothing, and asks once on return", () => {
  const all = subscriptions();
  const onNews = vi.fn();
  all.add("git", onNews, 250);
  say({ kind: "open" });
  vi.advanceTimersByTime(1_000);
  onNews.mockClear();

  hide(true);
  say({ kind: "topic", topic: "git" });
  vi.advanceTimersByTime(30_000);
  expect(wanted.at(-1)).toEqual(["git"]);
  vi.advanceTimersByTime(31_000);
  expect(wanted.at(-1)).toEqual([]);
  vi.advanceTimersByTime(100_000);
  expect(wanted.at(-1)).toEqual([]);
  expect(onNews).not.toHaveBeenCalled();

  hide(false);
  vi.advanceTimersByTime(1_000);
  expect(onNews).toHaveBeenCalledTimes(1);
  expect(wanted.at(-1)).toEqual(["git"]);
});
