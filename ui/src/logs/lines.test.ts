import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Line, LineStore } from "./lines";

const asked: number[] = [];
const lines = (from: number, count: number): Line[] =>
  Array.from({ length: count }, (_, n) => ({
    timestamp: "2026-05-01T12:00:00Z",
    level: "INFO",
    message: `line ${from + n}`,
  }));
let total = 200_000;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  total = 200_000;
  vi.stubGlobal("fetch", async (address: string) => {
    const query = new URL(address).searchParams;
    const [from, count] = [Number(query.get("from")), Number(query.get("count"))];
    asked.push(from);
    const found = lines(from, Math.min(count, Math.max(0, total - from)));
    return new Response(JSON.stringify({ total, from, lines: found }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settled = () => vi.advanceTimersByTimeAsync(200);

test("a drag over thousands of lines fetches only where it stops", async () => {
  const store = new LineStore("/logs/x/lines", {});
  store.keep({ total, from: 0, lines: [] });
  for (let first = 0; first < 150_200; first += 10_000) store.show(first, first + 30);
  store.show(150_200, 150_230);
  await settled();

  expect(asked).toEqual([150_000]);
  expect(store.at(150_210)?.message).toBe("line 150210");
  expect(store.at(60)).toBeUndefined();
});

test("the last part of a log that has grown meanwhile is fetched again", async () => {
  const store = new LineStore("/logs/x/lines", {});
  total = 300;
  store.keep(await store.fetch(0, 500));
  total = 1_200;
  store.keep(await store.fetch(1_000, 500));
  expect(store.at(400)).toBeUndefined();

  store.show(390, 420);
  await settled();

  expect(store.at(400)?.message).toBe("line 400");
});

test("few of many parts are kept", async () => {
  const store = new LineStore("/logs/x/lines", {});
  for (let from = 0; from < 50_000; from += 500) store.keep(await store.fetch(from, 500));

  expect(store.at(10)).toBeUndefined();
  expect(store.at(49_990)?.message).toBe("line 49990");
});
