/** What can be done to a binding: sync, pin, suspend. */

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import type { Binding } from "../../api/types-more";
import { useSync } from "../../changes/use-sync";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";

export function BindingActions({ binding }: { binding: Binding }) {
  const [pinning, { open, close }] = useDisclosure(false);
  const below = `/gitops/bindings/${binding.name}`;
  const stale = [["binding", binding.name], ["bindings"], ["resources"], ["syncs"], ["plan"]];
  const sync = useSync(binding.name);
  const act = useAct({
    act: (what: string) => call<Binding>("POST", `${below}/${what}`),
    done: () => t("receipt.done"),
    stale,
  });
  const refresh = useAct({
    act: () => call("POST", `/gitops/sources/${binding.sourceId}/fetch?wait=true`),
    done: () => t("git.refreshed"),
    stale: [...stale, ["sources"]],
  });
  return (
    <>
      <Button loading={sync.isPending} onClick={() => sync.mutate([])}>
        {t("git.syncNow")}
      </Button>
      <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
        {t("git.refresh")}
      </Button>
      {binding.pinnedSha ? (
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate("unpin")}>
          {t("git.unpin")}
        </Button>
      ) : (
        <Button variant="default" onClick={open}>
          {t("git.pin")}
        </Button>
      )}
      <Button
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate(binding.suspended ? "resume" : "suspend")}
      >
        {binding.suspended ? t("git.resume") : t("git.suspend")}
      </Button>
      <Modal opened={pinning} onClose={close} title={t("git.pinTitle", { name: binding.name })}>
        <PinForm binding={binding} onDone={close} stale={stale} />
      </Modal>
    </>
  );
}

type PinProps = { binding: Binding; onDone: () => void; stale: string[][] };

function PinForm({ binding, onDone, stale }: PinProps) {
  const [sha, setSha] = useState(binding.appliedSha ?? "");
  const [reason, setReason] = useState("");
  const pin = useAct({
    act: () => call("POST", `/gitops/bindings/${binding.name}/pin`, { json: { sha, reason } }),
    done: () => {
      onDone();
      return t("git.pinDone");
    },
    stale,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pin.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <TextInput
          label={t("git.commit")}
          required
          value={sha}
          onChange={(event) => setSha(event.currentTarget.value)}
        />
        <TextInput
          label={t("git.reason")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={pin.isPending}>
            {t("git.pin")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
