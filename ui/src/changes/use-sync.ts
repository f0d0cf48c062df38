/** Brings a binding to its commit: the whole plan, or what is chosen of it. */

import { call } from "../api/client";
import type { Sync, SyncItem } from "../api/types-more";
import { useAct } from "../design/receipt";
import { t } from "../i18n";

export const useSync = (name: string) =>
  useAct({
    act: (chosen: readonly SyncItem[]) => {
      const keys = chosen.map(({ kind, key }) => ({ kind, key }));
      const path = `/gitops/bindings/${encodeURIComponent(name)}/sync`;
      return call<Sync>("POST", path, { json: keys.length ? { keys } : undefined });
    },
    failure: ({ status, error }) => error && `${status}: ${error}`,
    done: (made) =>
      made.status === "PARTIAL"
        ? t("git.syncedPart", partOf(made))
        : t("git.synced", { status: made.status }),
    stale: [["plan"], ["binding", name], ["bindings"], ["resources"], ["syncs"]],
  });

/** How much of its plan a sync was about, which names a part of it. */
export const partOf = ({ part }: Sync) => ({ count: part?.keys.length ?? 0, of: part?.of ?? 0 });
