/** Names of flows, namespaces and types, here: the palette answers from them at once. */

import { call } from "../api/client";
import type { Page } from "../api/types";

export type Name = { kind: "flow" | "namespace" | "plugin"; id: string; namespace?: string };

const PAGE = 2_000;
const MOST_PAGES = 10;
const FRESH_MS = 60_000;

let names: Name[] = [];
let fetchedAt = 0;
let fetching: Promise<void> | undefined;

/** Fetches the names where those that are here are older than a minute. */
export function refreshNames(): Promise<void> {
  if (Date.now() - fetchedAt < FRESH_MS) return Promise.resolve();
  fetching ??= fetchAll().finally(() => {
    fetching = undefined;
  });
  return fetching;
}

async function fetchAll(): Promise<void> {
  const found: Name[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { kinds: "flow,namespace,plugin", size: PAGE, page };
    const { results } = await call<Page<Name>>("GET", "/search", { query });
    found.push(...results);
    const ofKind = (kind: string) => results.filter((name) => name.kind === kind).length;
    if (!["flow", "namespace", "plugin"].some((kind) => ofKind(kind) === PAGE)) break;
  }
  names = found;
  fetchedAt = Date.now();
}

export const forgetNames = (): void => {
  names = [];
  fetchedAt = 0;
};

/** Those that fit best: that begin so, then with a part that begins so, then that hold it. */
export function namesLike(
  text: string,
  kinds: readonly Name["kind"][],
  most: number,
  all: readonly Name[] = names,
): Name[] {
  const wanted = text.toLowerCase();
  const ranked: Name[][] = [[], [], []];
  for (const name of all) {
    if (!kinds.includes(name.kind)) continue;
    const rank = rankOf(name.id.toLowerCase(), wanted);
    if (rank !== undefined) ranked[rank]?.push(name);
  }
  return ranked.flat().slice(0, most);
}

function rankOf(id: string, wanted: string): number | undefined {
  const at = id.indexOf(wanted);
  if (at < 0) return undefined;
  if (at === 0) return 0;
  return /[._-]/.test(id[at - 1] ?? "") ? 1 : 2;
}
