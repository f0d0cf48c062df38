/** What a sync would create, change and delete; and what would stop it. */

import { Alert, Button, Group } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { Binding, Sync, SyncItem } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { type Key, t } from "../../i18n";
import { Items } from "./items";
import { keyOf } from "./sides";
import { usePlan } from "./use-plan";

export function PlanTab({ binding }: { binding: Binding }) {
  const plan = usePlan(binding.name, true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const apply = useAct({
    act: (keys: SyncItem[]) => {
      const json = keys.length ? { keys: keys.map(({ kind, key }) => ({ kind, key })) } : undefined;
      return call<Sync>("POST", `/gitops/bindings/${binding.name}/sync`, { json });
    },
    done: (made) => {
      setChosen(new Set());
      return made.status === "PARTIAL"
        ? t("git.syncedPart", partOf(made))
        : t("git.synced", { status: made.status });
    },
    stale: [["plan"], ["binding", binding.name], ["resources"], ["syncs"]],
  });
  return (
    <Panel title={t("git.plan")}>
      <Loaded query={plan}>
        {(made) => {
          const changes = (made.items ?? []).filter(({ action }) => action !== "NONE");
          const taken = changes.filter((item) => chosen.has(keyOf(item)));
          return (
            <>
              <Group className="panel-body">
                <Counts counts={made.counts ?? {}} />
                <Button variant="default" loading={plan.isFetching} onClick={() => plan.refetch()}>
                  {t("git.planAgain")}
                </Button>
                <Button
                  loading={apply.isPending}
                  disabled={!changesAnything(made.counts ?? {})}
                  onClick={() => apply.mutate(taken)}
                >
                  {taken.length
                    ? t("git.applyChosen", { count: taken.length, of: changes.length })
                    : t("git.apply")}
                </Button>
                {changes.length > 1 && (
                  <span className="muted">
                    {t(taken.length ? "git.applyRest" : "git.applyAll")}
                  </span>
                )}
              </Group>
              {made.error && (
                <Alert color="red" title={made.status} m={12} className="lines">
                  <p>{made.error}</p>
                  <p>{adviceOn(made.status)}</p>
                </Alert>
              )}
              <Items
                items={(made.items ?? []).filter((item) => item.action !== "NONE" || item.diff)}
                selection={changes.length > 1 ? { chosen, change: setChosen } : undefined}
              />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** How much of its plan a sync was about, which names a part of it. */
export const partOf = ({ part }: Sync) => ({ count: part?.keys.length ?? 0, of: part?.of ?? 0 });

const ACTIONS = ["CREATE", "UPDATE", "DELETE", "ADOPT", "FORGET"];

const changesAnything = (counts: Record<string, number>) =>
  ACTIONS.some((name) => (counts[name] ?? 0) > 0);

export function Counts({ counts }: { counts: Record<string, number> }) {
  const shown = ACTIONS.map((name): [string, number] => [name, counts[name] ?? 0]).filter(
    ([, count]) => count > 0,
  );
  if (shown.length === 0) return <span>{t("git.nothing")}</span>;
  return <span>{shown.map(([name, count]) => `${count} ${name.toLowerCase()}`).join(", ")}</span>;
}

const ADVICE: Record<string, Key> = {
  BLOCKED_GUARD: "git.advice.guard",
  BLOCKED_WINDOW: "git.advice.window",
  AWAITING_APPROVAL: "git.advice.approval",
  FAILED: "git.advice.failed",
};

/** What to do about a plan that is not applied. */
function adviceOn(status: string): string {
  const key = ADVICE[status];
  return key ? t(key) : "";
}
