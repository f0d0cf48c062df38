/** What can be done to several executions at once: all of them, or none where one does not fit. */

import { Button, Group } from "@mantine/core";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { Confirm } from "../../design/confirm";
import { useAct } from "../../design/receipt";
import { hasEnded } from "../../design/state";
import { type Key, t } from "../../i18n";

type Done = { count: number };
type Many = { name: string; method: string; fits: (state: string) => boolean };

const MANY: Many[] = [
  { name: "restart", method: "POST", fits: (state) => state === "FAILED" },
  { name: "replay", method: "POST", fits: hasEnded },
  { name: "pause", method: "POST", fits: (state) => state === "RUNNING" },
  { name: "resume", method: "POST", fits: (state) => state === "PAUSED" },
  { name: "kill", method: "DELETE", fits: (state) => !hasEnded(state) && state !== "KILLING" },
];

type Props = { rows: Execution[]; onDone: () => void };

export function Bulk({ rows, onDone }: Props) {
  const ids = rows.map(({ id }) => id);
  const act = useAct({
    act: ({ method, path }: { method: string; path: string }) =>
      call<Done>(method, path, { json: ids }),
    done: ({ count }) => {
      onDone();
      return t("triggers.bulkDone", { done: count, asked: rows.length });
    },
    stale: [["executions"]],
  });
  const fitting = MANY.filter(({ fits }) => rows.every(({ state }) => fits(state.current)));
  const haveEnded = rows.every(({ state }) => hasEnded(state.current));
  return (
    <Group gap={8}>
      <span className="muted">{t("table.selected", { count: rows.length })}</span>
      {fitting.map(({ name, method }) => (
        <Button
          key={name}
          variant="default"
          disabled={act.isPending}
          onClick={() => act.mutate({ method, path: `/executions/${name}/by-ids` })}
        >
          {t(`execution.${name}` as Key)}
        </Button>
      ))}
      {haveEnded && (
        <Confirm
          title={t("files.delete")}
          text={t("executions.deleteText", { count: rows.length })}
          action={t("files.delete")}
          onConfirm={() => act.mutate({ method: "DELETE", path: "/executions/by-ids" })}
        >
          {(open) => (
            <Button variant="default" disabled={act.isPending} onClick={open}>
              {t("files.delete")}
            </Button>
          )}
        </Confirm>
      )}
    </Group>
  );
}
