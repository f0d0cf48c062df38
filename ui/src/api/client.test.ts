import { afterEach, expect, test, vi } from "vitest";
import { call } from "./client";

afterEach(() => vi.unstubAllGlobals());

test("calls say that a script makes them, or a 401 opens the browser's own password box", async () => {
  const fetched = vi.fn(async (_address: string, _options: RequestInit) => new Response("{}"));
  vi.stubGlobal("fetch", fetched);

  await call("GET", "/flows/search");

  expect(fetched.mock.calls[0]?.[1].headers).toMatchObject({
    "X-Requested-With": "XMLHttpRequest",
  });
});
