import { expect, test } from "vitest";
import { momentIn } from "./zone";

test("a time is read on the clock of the chosen zone, in summer and in winter", () => {
  expect(momentIn("2026-07-01T12:00", "Europe/Berlin")).toBe("2026-07-01T10:00:00.000Z");
  expect(momentIn("2026-12-01T12:00", "Europe/Berlin")).toBe("2026-12-01T11:00:00.000Z");
  expect(momentIn("2026-12-01T12:00", "UTC")).toBe("2026-12-01T12:00:00.000Z");
  expect(momentIn("2026-12-01T00:30", "Asia/Kolkata")).toBe("2026-11-30T19:00:00.000Z");
});

test("a year that is half typed is one too; what is no moment is left for the server to refuse", () => {
  expect(momentIn("0002-01-05T00:30", "UTC")).toBe("0002-01-05T00:30:00.000Z");
  expect(momentIn("202609-01-05T00:30", "Europe/Berlin")).toBe("202609-01-05T00:30");
});
