/** What a sync would create, change and delete; and what would stop it. */

import { Alert, Button, Group } from "@mantine/core";
import { useState } from "react";
import type { Binding } from "../../api/types-more";
import { useSync } from "../../changes/use-sync";
import { Loaded, Panel } from "../../design/panel";
import { type Key, t } from "../../i18n";
import { Items } from "./items";
import { keyOf } from "./sides";
import { usePlan } from "./use-plan";

export function PlanTab({ binding }: { binding: Binding }) {
  const plan = usePlan(binding.name, true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const apply = useSync(binding.name);
  const chooseNone = () => setChosen(new Set());
  const planAgain = () => {
    chooseNone();
    plan.refetch();
  };
  return (
    <Panel title={t("git.plan")}>
      <Loaded query={plan}>
        {(made) => {
          const changes = (made.items ?? []).filter(({ action }) => action !== "NONE");
          const taken = changes.filter((item) => chosen.has(keyOf(item)));
          // all that was chosen left the plan meanwhile: a click that was meant for it takes nothing
          const isGone = chosen.size > 0 && taken.length === 0;
          return (
            <>
              <Group className="panel-body">
                <Counts counts={made.counts ?? {}} />
                <Button variant="default" loading={plan.isFetching} onClick={planAgain}>
                  {t("git.planAgain")}
                </Button>
                <Button
                  loading={apply.isPending}
                  disabled={isGone || !changesAnything(made.counts ?? {})}
                  onClick={() => apply.mutate(taken, { onSuccess: chooseNone })}
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
