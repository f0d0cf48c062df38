/** How the UI looks and begins for a person: kept with the server, and here for the next start. */

import { useSyncExternalStore } from "react";

export type Look = {
  theme?: "auto" | "light" | "dark" | "contrast";
  /** A zone by name; without it the browser's. */
  zone?: string;
  /** Of moments in lists. */
  dates?: "relative" | "absolute" | "local";
  density?: "compact" | "normal" | "touch";
  /** Least level and span of the list of all logs. */
  logLevel?: string;
  logRange?: string;
  /** The page that the bare address leads to. */
  start?: string;
  /** Pixels. */
  editorFont?: number;
  language?: string;
  motion?: "system" | "none";
  /** Whether single letters do something. */
  letters?: boolean;
};

const KEY = "trunkline.look";
const listeners = new Set<() => void>();

function stored(): Look {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {}; // somebody else wrote it: as if nothing were kept
  }
}

let now: Look = stored();

export const look = (): Look => now;

/** Shows it from now on; the server is told by whoever calls this. */
export function showLook(next: Look): void {
  now = next;
  localStorage.setItem(KEY, JSON.stringify(next));
  applyLook();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLook = (): Look => useSyncExternalStore(subscribe, look);

/** Puts on the page what its style sheets ask for. */
export function applyLook(): void {
  const { dataset } = document.documentElement;
  dataset.density = now.density ?? "normal";
  dataset.motion = now.motion ?? "system";
  dataset.contrast = now.theme === "contrast" ? "more" : "normal";
  document.documentElement.lang = now.language ?? "en";
}

/** The colour scheme of Mantine; high contrast is that of the system. */
export const schemeOf = ({ theme = "auto" }: Look) => (theme === "contrast" ? "auto" : theme);
