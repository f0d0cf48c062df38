/** A difference that is left as it is, until it changes: begun with a reason, and ended. */

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import type { Binding, SyncItem } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { STALE } from "./stale";

type One = Pick<SyncItem, "kind" | "key" | "state">;
type Props = { binding: Binding; item: One };

const IGNORABLE = ["Drifted", "Conflict", "Orphan"];

export function Ignoring({ binding, item }: Props) {
  if (item.state === "Ignored") return <Stop binding={binding} item={item} />;
  return IGNORABLE.includes(item.state) ? <Begin binding={binding} item={item} /> : null;
}

function useIgnore({ binding, item: { kind, key } }: Props, what: "ignore" | "unignore") {
  return useAct({
    act: (reason?: string) =>
      call("POST", `/gitops/bindings/${binding.name}/${what}`, {
        json: { keys: [{ kind, key }], reason },
      }),
    done: () => t(`git.${what}Done`, { name: key }),
    stale: STALE(binding.name),
  });
}

function Begin(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const act = useIgnore(props, "ignore");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(reason.trim(), { onSuccess: close });
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={open}>
        {t("git.ignore")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("git.ignoreTitle", { name: props.item.key })}>
        <form onSubmit={submit}>
          <Stack gap={12}>
            <p>{t("git.ignoreText")}</p>
            <TextInput
              label={t("git.reason")}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("confirm.cancel")}
              </Button>
              <Button type="submit" loading={act.isPending}>
                {t("git.ignoreDo")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Stop(props: Props) {
  const act = useIgnore(props, "unignore");
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={act.isPending}
      onClick={() => act.mutate(undefined)}
    >
      {t("git.unignore")}
    </Button>
  );
}
