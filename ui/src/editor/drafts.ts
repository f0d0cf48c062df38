/** Unsaved texts, kept in the browser each second, offered on return, dropped on save. */

import { del, get, set } from "idb-keyval";
import { useEffect } from "react";

export type Draft = { text: string; base: string; at: number };

export const keyOf = (name: string) => `draft:${name}`;

/** Line ends do not make a text another one. */
export const isSame = (one: string, other: string) =>
  one.replaceAll("\r\n", "\n") === other.replaceAll("\r\n", "\n");

export const findDraft = (name: string): Promise<Draft | undefined> => get<Draft>(keyOf(name));
export const dropDraft = (name: string): Promise<void> => del(keyOf(name));

/** Offers a text at the next visit of an editor. */
export const keepDraft = (name: string, text: string, base = ""): Promise<void> =>
  set(keyOf(name), { text, base, at: Date.now() });

/** Keeps what is unsaved, and asks before the page is left with it. */
export function useDraft(name: string, text: string, base: string): void {
  const dirty = !isSame(text, base);
  useEffect(() => {
    if (!dirty) return;
    const timer = setTimeout(() => set(keyOf(name), { text, base, at: Date.now() }), 1_000);
    return () => clearTimeout(timer);
  }, [name, text, base, dirty]);
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
}
