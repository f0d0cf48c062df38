/** What can be done to many triggers, and how the server is asked for it. */

import type { Query } from "../../api/client";

export const ACTS = {
  list: ["enable", "disable", "unlock"],
  backfills: ["pause", "resume", "end"],
} as const;
export type Act = (typeof ACTS)[keyof typeof ACTS][number];

export type Place = { namespace: string; flowId: string; triggerId: string };
export type Asked = { path: string; query?: Query; json?: unknown };

const PATHS: Record<Act, string> = {
  enable: "/triggers/set-disabled",
  disable: "/triggers/set-disabled",
  unlock: "/triggers/unlock",
  pause: "/triggers/backfill/pause",
  resume: "/triggers/backfill/unpause",
  end: "/triggers/backfill/delete",
};

const isSwitch = (act: Act) => act === "enable" || act === "disable";

/** The call (POST) that does an act to the triggers of a list. */
export function askedOfList(act: Act, triggers: readonly Place[]): Asked {
  const json = isSwitch(act) ? { triggers, disabled: act === "disable" } : triggers;
  return { path: `${PATHS[act]}/by-triggers`, json };
}

/** The call (POST) that does an act to all that a query finds. */
export function askedOfQuery(act: Act, query: Query): Asked {
  const disabled = isSwitch(act) ? { disabled: String(act === "disable") } : {};
  return { path: `${PATHS[act]}/by-query`, query: { ...query, ...disabled } };
}
