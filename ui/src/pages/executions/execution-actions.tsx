/** What can be done to an execution, by its state and by what the caller may do. */

import { Button } from "@mantine/core";
import { useEffect } from "react";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import type { Execution } from "../../api/types";
import { isTyping, lettersAct } from "../../design/keys";
import { useAct } from "../../design/receipt";
import { hasEnded } from "../../design/state";
import { type Key, t } from "../../i18n";
import { CopyRun } from "./copy-run";
import { EndedActions } from "./ended-actions";
import { Kill } from "./kill";
import { Replay } from "./replay";
import { Resume } from "./resume";
import { executionKey } from "./use-execution";

type Action = { name: string; path: string; keys?: string; fits: (state: string) => boolean };

const WAITS = new Set(["QUEUED", "CREATED"]);

const ACTIONS: Action[] = [
  { name: "restart", path: "restart", keys: "Shift+R", fits: (s) => s === "FAILED" },
  { name: "pause", path: "pause", keys: "Shift+P", fits: (s) => s === "RUNNING" },
  { name: "forceRun", path: "force-run", fits: (s) => WAITS.has(s) },
  { name: "unqueue", path: "unqueue", fits: (s) => s === "QUEUED" },
];

export function ExecutionActions({ execution }: { execution: Execution }) {
  const state = execution.state.current;
  const mayRun = useSession()?.permissions.includes("execution:run");
  useShortcuts();
  if (!mayRun) return null;
  return (
    <>
      {ACTIONS.filter((action) => action.fits(state)).map((action) => (
        <Act key={action.name} action={action} execution={execution} />
      ))}
      {state === "PAUSED" && <Resume execution={execution} />}
      {!hasEnded(state) && state !== "KILLING" && <Kill execution={execution} />}
      <Replay execution={execution} />
      <CopyRun execution={execution} />
      {hasEnded(state) && <EndedActions execution={execution} />}
    </>
  );
}

function Act({ action, execution }: { action: Action; execution: Execution }) {
  const mutation = useAct({
    act: () => call("POST", `/executions/${execution.id}/${action.path}`),
    done: () => t(`execution.${action.name}.done` as Key),
    stale: [executionKey(execution.id)],
  });
  return (
    <Button
      loading={mutation.isPending}
      aria-keyshortcuts={action.keys}
      onClick={() => mutation.mutate()}
    >
      {t(`execution.${action.name}` as Key)}
    </Button>
  );
}

/** A key presses the button of the head that names it, so that it does what is offered there. */
function useShortcuts() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.shiftKey || isTyping(event) || !lettersAct()) return;
      const keys = `Shift+${event.key.toUpperCase()}`;
      const buttons = document.querySelectorAll<HTMLElement>(".page-head [aria-keyshortcuts]");
      const found = [...buttons].find((one) => one.getAttribute("aria-keyshortcuts") === keys);
      if (!found) return;
      event.preventDefault();
      found.click();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
