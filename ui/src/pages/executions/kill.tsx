/** Stops an execution: with the subflows that it started, or by itself. */

import { Button, Menu } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { executionKey } from "./use-execution";

export function Kill({ execution }: { execution: Execution }) {
  const kill = useAct({
    act: (isOnKillCascade: boolean) =>
      call("DELETE", `/executions/${execution.id}/kill`, { query: { isOnKillCascade } }),
    done: () => t("execution.kill.done"),
    stale: [executionKey(execution.id)],
  });
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          loading={kill.isPending}
          aria-keyshortcuts="Shift+K"
          rightSection={<ChevronDown size={14} />}
        >
          {t("execution.kill")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => kill.mutate(true)}>{t("execution.kill.cascade")}</Menu.Item>
        <Menu.Item onClick={() => kill.mutate(false)}>{t("execution.kill.alone")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
