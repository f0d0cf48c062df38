import { expect, test } from "vitest";
import { byHour, daysFrom, startOfDay } from "./calendar-days";

const at = (text: string) => new Date(text).getTime();
const PARIS = "Europe/Paris";

test("a day begins at midnight of its zone", () => {
  expect(startOfDay(at("2026-11-25T22:30:00Z"), PARIS)).toBe(at("2026-11-24T23:00:00Z"));
  expect(startOfDay(at("2026-11-25T23:30:00Z"), PARIS)).toBe(at("2026-11-25T23:00:00Z"));
  expect(startOfDay(at("2026-11-25T12:00:00Z"), "Asia/Kolkata")).toBe(at("2026-11-24T18:30:00Z"));
});

test("the day on which the clock changes is marked and has its own length", () => {
  const days = daysFrom(at("2026-10-24T12:00:00Z"), 3, PARIS);

  expect(days.map(({ changes }) => changes)).toEqual([false, true, false]);
  expect(days[1] && (days[1].to - days[1].from) / 3_600_000).toBe(25);
});

test("entries stand in the hour that the clock of the zone shows", () => {
  const days = daysFrom(at("2026-11-25T00:30:00Z"), 2, PARIS);
  const one = { at: at("2026-11-25T08:05:00Z"), flow: "a", to: "" };
  const other = { at: at("2026-11-25T08:01:00Z"), flow: "b", to: "" };
  const outside = { at: at("2026-11-28T08:00:00Z"), flow: "c", to: "" };

  const found = byHour([one, other, outside], days, PARIS);

  expect([...found]).toEqual([["0 9", [other, one]]]);
});
