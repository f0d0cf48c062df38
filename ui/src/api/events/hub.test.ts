import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Hub, type Said, type Source, Switchboard } from "./hub";

class Fake implements Source {
  hears = new Map<string, (event: { lastEventId?: string }) => void>();
  isClosed = false;
  constructor(readonly topics: string) {
    made.push(this);
  }
  addEventListener(name: string, hear: (event: { lastEventId?: string }) => void) {
    this.hears.set(name, hear);
  }
  close() {
    this.isClosed = true;
  }
  is(name: "open" | "error") {
    this.hears.get(name)?.({});
  }
  says(lastEventId: string) {
    this.hears.get("message")?.({ lastEventId });
  }
}

let made: Fake[] = [];
let said: Said[] = [];
const kinds = () => said.map((one) => (one.kind === "topic" ? one.topic : one.kind));
const hubOf = () =>
  new Hub(
    (topics) => new Fake(topics),
    (one) => said.push(one),
  );

beforeEach(() => {
  made = [];
  said = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("a stream that is cut for ten seconds heals", () => {
  const hub = hubOf();
  hub.want(["git", "list:executions"]);
  vi.advanceTimersByTime(100);
  made[0]?.is("open");
  made[0]?.says("git");
  made[0]?.is("error");
  for (const start = Date.now(); Date.now() - start < 10_000; ) {
    vi.advanceTimersByTime(250);
    made.at(-1)?.is("error"); // nobody is there
  }
  const tried = made.length;
  vi.advanceTimersByTime(5_000);
  made.at(-1)?.is("open");
  made.at(-1)?.says("list:executions");

  expect(tried).toBeLessThan(8); // not without a pause
  expect(made.at(-1)?.topics).toBe("git,list:executions");
  expect(made.slice(0, -1).every(({ isClosed }) => isClosed)).toBe(true);
  expect(kinds()[0]).toBe("open");
  expect(kinds().slice(-2)).toEqual(["open", "list:executions"]);
});

test("one connection for all topics, another only when they change, none for none", () => {
  const hub = hubOf();
  const board = new Switchboard(hub);
  board.want("one", ["git"]);
  board.want("two", ["workers", "git"]);
  vi.advanceTimersByTime(100);
  board.want("two", ["git", "workers"]);
  vi.advanceTimersByTime(100);
  expect(made.map(({ topics }) => topics)).toEqual(["git,workers"]);

  board.want("two", []);
  vi.advanceTimersByTime(100);
  const states = () => made.map(({ topics, isClosed }) => [topics, isClosed]);
  expect(states()).toEqual([
    ["git,workers", false],
    ["git", false],
  ]);
  made[1]?.is("open");
  expect(states()).toEqual([
    ["git,workers", true],
    ["git", false],
  ]);

  board.want("one", []);
  vi.advanceTimersByTime(100);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});

test("a tab that says nothing any more is forgotten", () => {
  const board = new Switchboard(hubOf(), 1_000);
  board.want("closed", ["workers"]);
  vi.advanceTimersByTime(2_000);
  board.want("open", ["git"]);
  vi.advanceTimersByTime(100);
  expect(made.at(-1)?.topics).toBe("git");
});

test("a line on which nothing comes, not even a sign of life, is opened anew", () => {
  const hub = hubOf();
  hub.want(["git"]);
  vi.advanceTimersByTime(100);
  made[0]?.is("open");
  vi.advanceTimersByTime(30_000);
  made[0]?.says("alive");
  vi.advanceTimersByTime(30_000);
  expect(made.length).toBe(1);
  vi.advanceTimersByTime(15_000);
  expect(made.length).toBe(2);
  expect(kinds()).toEqual(["open", "lost"]);
});

test("an end of the session is told, and what nobody asked for is not", () => {
  const hub = hubOf();
  hub.want(["git"]);
  vi.advanceTimersByTime(100);
  made[0]?.says("refused");
  made[0]?.says("gone");
  expect(kinds()).toEqual(["gone"]);
});
