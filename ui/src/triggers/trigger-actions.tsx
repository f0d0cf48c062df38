/** What can be done to one trigger. */

import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Ellipsis } from "lucide-react";
import { call } from "../api/client";
import type { Trigger } from "../api/types-more";
import { useAct } from "../design/receipt";
import { t } from "../i18n";
import { BackfillDialog } from "./backfill-dialog";

export function TriggerActions({ row }: { row: Trigger }) {
  const { state, trigger } = row;
  const { namespace, flowId, triggerId, disabled, backfill } = state;
  const place = { namespace, flowId, triggerId };
  const [filling, { open, close }] = useDisclosure(false);
  const act = useAct({
    act: ({
      method = "PUT",
      path,
      json = place,
    }: {
      method?: string;
      path: string;
      json?: object;
    }) => call(method, path, { json }),
    done: () => t("receipt.done"),
    stale: [["triggers"]],
  });
  const below = `/triggers/${namespace}/${flowId}/${triggerId}`;
  const run = useAct({
    act: () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(trigger.inputs ?? {})) {
        form.append(name, typeof value === "string" ? value : JSON.stringify(value));
      }
      return call<{ id: string }>("POST", `/executions/${namespace}/${flowId}`, { body: form });
    },
    done: ({ id }) => t("triggers.ran", { id }),
    stale: [["triggers"], ["executions"]],
  });
  const isSchedule = trigger.type.endsWith(".Schedule");
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon
            aria-label={t("triggers.actions", { name: triggerId })}
            loading={act.isPending}
          >
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() =>
              act.mutate({
                path: "/triggers/set-disabled",
                json: { ...place, disabled: !disabled },
              })
            }
          >
            {disabled ? t("triggers.enable") : t("triggers.disable")}
          </Menu.Item>
          {state.locked && (
            <Menu.Item
              onClick={() => act.mutate({ method: "POST", path: `${below}/unlock`, json: {} })}
            >
              {t("triggers.unlock")}
            </Menu.Item>
          )}
          <Menu.Item
            onClick={() => act.mutate({ method: "POST", path: `${below}/restart`, json: {} })}
          >
            {t("triggers.restart")}
          </Menu.Item>
          <Menu.Item onClick={() => run.mutate()}>{t("triggers.runNow")}</Menu.Item>
          {isSchedule && !backfill && (
            <Menu.Item onClick={open}>{t("triggers.backfill")}</Menu.Item>
          )}
          {backfill && (
            <>
              <Menu.Item
                onClick={() =>
                  act.mutate({
                    path: `/triggers/backfill/${backfill.paused ? "unpause" : "pause"}`,
                  })
                }
              >
                {backfill.paused ? t("triggers.backfillResume") : t("triggers.backfillPause")}
              </Menu.Item>
              <Menu.Item
                onClick={() => act.mutate({ method: "POST", path: "/triggers/backfill/delete" })}
              >
                {t("triggers.backfillCancel")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <BackfillDialog opened={filling} onClose={close} place={place} zone={trigger.timezone} />
    </>
  );
}
