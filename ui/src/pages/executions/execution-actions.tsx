/** What can be done to an execution, by its state. */

import { Button, Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { useAct } from "../../design/receipt";
import { hasEnded } from "../../design/state";
import { type Key, t } from "../../i18n";
import { EndedActions } from "./ended-actions";
import { executionKey } from "./use-execution";

type Action = { name: string; method: string; path: string; fits: (state: string) => boolean };

const ACTIONS: Action[] = [
  { name: "restart", method: "POST", path: "restart", fits: (s) => s === "FAILED" },
  { name: "resume", method: "POST", path: "resume", fits: (s) => s === "PAUSED" },
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

/** Runs it again from the start, on the same revision or the latest. */
function Replay({ execution }: { execution: Execution }) {
  const navigate = useNavigate();
  const mutation = useAct({
    act: (query: { latestRevision?: boolean }) =>
      call<Execution>("POST", `/executions/${execution.id}/replay`, { query }),
    done: (made) => {
      void navigate({
        to: `/main/executions/${made.namespace}/${made.flowId}/${made.id}/overview` as never,
      });
      return t("execution.replay.done", { id: made.id });
    },
  });
  if (!hasEnded(execution.state.current)) return null;
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          loading={mutation.isPending}
          rightSection={<ChevronDown size={14} />}
        >
          {t("execution.replay")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => mutation.mutate({})}>{t("execution.replay.same")}</Menu.Item>
        <Menu.Item onClick={() => mutation.mutate({ latestRevision: true })}>
          {t("execution.replay.latest")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
