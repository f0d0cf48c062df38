/** What the editor completes with that only the server knows; each answer is kept for a minute. */

import { call } from "../api/client";
import type { Known } from "./suggestions";

const KEPT_MS = 60_000;
const kept = new Map<string, { at: number; answer: Promise<unknown> }>();

/** The answer to a question; what may not be asked or fails gives nothing. */
async function ask<T>(path: string, none: T): Promise<T> {
  const found = kept.get(path);
  if (found && Date.now() - found.at < KEPT_MS) return found.answer as Promise<T>;
  const answer = call<T>("GET", path).catch(() => none);
  kept.set(path, { at: Date.now(), answer });
  return answer;
}

const NO_FLOWS = { results: [] };
const part = encodeURIComponent;
type Documentation = { schema?: { outputs?: { properties?: Record<string, unknown> } } };

/** The names of the secrets of a namespace and of those above it. */
async function secretsOf(namespace: string): Promise<string[]> {
  const path = `/namespaces/${part(namespace)}/inherited-secrets`;
  return [...new Set(Object.values(await ask<Record<string, string[]>>(path, {})).flat())];
}

export const known: Known = {
  functions: () => ask("/pebble/functions", []),
  filters: () => ask("/pebble/filters", []),
  outputsOf: async (type) => {
    const { schema } = await ask<Documentation>(`/plugins/${part(type)}`, {});
    return Object.keys(schema?.outputs?.properties ?? {});
  },
  secrets: async (namespace) => (namespace ? secretsOf(namespace) : []),
  keys: async (namespace) => {
    const path = `/namespaces/${part(namespace)}/kv/inheritance`;
    return namespace ? (await ask<{ key: string }[]>(path, [])).map(({ key }) => key) : [];
  },
  files: async (namespace) =>
    namespace ? ask<string[]>(`/namespaces/${part(namespace)}/files/search?q=`, []) : [],
  flows: async (namespace) => {
    const path = `/flows/search?size=200&filters[namespace][EQUALS]=${part(namespace)}`;
    return (await ask<{ results: { id: string }[] }>(path, NO_FLOWS)).results.map(({ id }) => id);
  },
  namespaces: () => ask("/flows/distinct-namespaces", []),
};
