/** What can be done to an execution, by its state. */

import { Button } from "@mantine/core";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { useAct } from "../../design/receipt";
import { hasEnded } from "../../design/state";
import { type Key, t } from "../../i18n";
import { EndedActions } from "./ended-actions";
import { Replay } from "./replay";
import { Resume } from "./resume";
import { executionKey } from "./use-execution";

type Action = { name: string; method: string; path: string; fits: (state: string) => boolean };

const ACTIONS: Action[] = [
  { name: "restart", method: "POST", path: "restart", fits: (s) => s === "FAILED" },
  { name: "pause", method: "POST", path: "pause", fits: (s) => s === "RUNNING" },
  { name: "kill", method: "DELETE", path: "kill", fits: (s) => !hasEnded(s) && s !== "KILLING" },
  { name: "forceRun", method: "POST", path: "force-run", fits: (s) => s === "QUEUED" },
  { name: "unqueue", method: "POST", path: "unqueue", fits: (s) => s === "QUEUED" },
];

export function ExecutionActions({ execution }: { execution: Execution }) {
  const state = execution.state.current;
  const fitting = ACTIONS.filter((action) => action.fits(state));
  return (
    <>
      {fitting.map((action) => (
        <Act key={action.name} action={action} execution={execution} />
      ))}
      {state === "PAUSED" && <Resume execution={execution} />}
      <Replay execution={execution} />
      {hasEnded(state) && <EndedActions execution={execution} />}
    </>
  );
}

function Act({ action, execution }: { action: Action; execution: Execution }) {
  const mutation = useAct({
    act: () => call(action.method, `/executions/${execution.id}/${action.path}`),
    done: () => t(`execution.${action.name}.done` as Key),
    stale: [executionKey(execution.id)],
  });
  return (
    <Button
      variant={action.name === "kill" ? "default" : "filled"}
      loading={mutation.isPending}
      onClick={() => mutation.mutate()}
    >
      {t(`execution.${action.name}` as Key)}
    </Button>
  );
}
