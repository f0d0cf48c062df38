/** Drafts for branches: flows and files that are edited here and run nowhere until merged. */

import { entries } from "idb-keyval";
import { type Draft, keyOf } from "../editor/drafts";
import type { Kind } from "./origin";

export type ChangedFile = { kind: Kind; key: string; base: string; text: string };

/** The name of the draft of one resource, by its binding. */
export const changeName = (binding: string, kind: Kind, key: string) =>
  `change:${binding}:${kind}:${key}`;

/** The other files of a binding that wait in this browser to be proposed. */
export async function otherChanges(binding: string, without: string): Promise<ChangedFile[]> {
  const start = keyOf(changeName(binding, "FLOW", "")).slice(0, -"FLOW:".length);
  const kept = (await entries<string, Draft>()).filter(([name]) => String(name).startsWith(start));
  return kept.flatMap(([name, draft]) => {
    const [, kind, key] = /^(FLOW|FILE):(.*)$/s.exec(String(name).slice(start.length)) ?? [];
    if (!kind || !key || key === without || draft.text === draft.base) return [];
    return [{ kind: kind as Kind, key, base: draft.base, text: draft.text }];
  });
}
