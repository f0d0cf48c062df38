import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LinkWatch } from "./link";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a short gap is not told, a longer one is, and a long one says when it is tried again", async () => {
  const watch = new LinkWatch(() => Promise.reject(new Error("away")));
  watch.lost();
  await vi.advanceTimersByTimeAsync(2_900);
  expect(watch.link.state).toBe("live");

  await vi.advanceTimersByTimeAsync(200);
  expect(watch.link.state).toBe("reconnecting");

  await vi.advanceTimersByTimeAsync(31_000);
  expect(watch.link.state).toBe("offline");
  expect(watch.link.retryAt).toBeGreaterThan(Date.now());
});

test("a server that answers again is told at once, without anybody's doing", async () => {
  let isBack = false;
  const watch = new LinkWatch(() => (isBack ? Promise.resolve() : Promise.reject(new Error())));
  const seen: string[] = [];
  watch.subscribe(() => seen.push(watch.link.state));
  watch.lost();
  await vi.advanceTimersByTimeAsync(4_000);
  isBack = true;
  await vi.advanceTimersByTimeAsync(5_000);

  expect(seen).toEqual(["reconnecting", "live"]);
});
