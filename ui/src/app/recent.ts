/** Where a person went by the palette, the latest first; of this browser. */

import type { Target } from "./palette-targets";

const KEY = "trunkline.recent";
const MOST = 8;

export type Recent = { kind: string; title: string; hint?: string; to: string };

export function recent(): Recent[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.slice(0, MOST) : [];
  } catch {
    return []; // somebody else wrote it
  }
}

export function remember({ kind, title, hint, to }: Target): void {
  if (typeof to !== "string") return;
  const others = recent().filter((one) => one.to !== to);
  const all = [{ kind, title, hint, to }, ...others].slice(0, MOST);
  localStorage.setItem(KEY, JSON.stringify(all));
}

export const forgetRecent = (): void => localStorage.removeItem(KEY);
