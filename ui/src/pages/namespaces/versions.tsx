/** The versions of a file: what each changed, and how an earlier one comes back. */

import { Button, Group, Modal, Select, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, send } from "../../api/client";
import { DiffView } from "../../design/diff-view";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { store } from "./store";

type Props = { namespace: string; path: string; isLocked: boolean };

export function Versions(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("files.versions")}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        size="80rem"
        title={t("files.versionsOf", { path: props.path })}
      >
        <History {...props} onDone={close} />
      </Modal>
    </>
  );
}

function History({ namespace, path, isLocked, onDone }: Props & { onDone: () => void }) {
  const list = useQuery({
    queryKey: ["file", namespace, path, "versions"],
    gcTime: 0,
    queryFn: ({ signal }) =>
      call<{ revision: number }[]>("GET", `/namespaces/${namespace}/files/revisions`, {
        signal,
        query: { path },
      }),
  });
  return (
    <Loaded query={list}>
      {(rows) => {
        const numbers = rows.map(({ revision }) => revision).sort((a, b) => b - a);
        return <Compare {...{ namespace, path, isLocked, onDone, numbers }} />;
      }}
    </Loaded>
  );
}

type CompareProps = Props & { onDone: () => void; numbers: number[] };

function Compare({ namespace, path, isLocked, onDone, numbers }: CompareProps) {
  const latest = numbers[0] ?? 1;
  const [chosen, setChosen] = useState(numbers[1] ?? latest);
  const texts = useQuery({
    queryKey: ["file", namespace, path, "version", chosen, latest],
    queryFn: async ({ signal }) => {
      const bytes = (revision: number) =>
        send("GET", `/namespaces/${namespace}/files`, { signal, query: { path, revision } }).then(
          (answer) => answer.blob(),
        );
      const [old, now] = await Promise.all([bytes(chosen), bytes(latest)]);
      return { old, texts: [await old.text(), await now.text()] as const };
    },
  });
  const restore = useAct({
    act: async () => store(namespace, path, texts.data?.old ?? new Blob([])),
    done: () => {
      onDone();
      return t("files.restored", { revision: chosen });
    },
    stale: [["file", namespace, path]],
  });
  return (
    <Stack gap={12}>
      <Group align="end">
        <Select
          label={t("files.version")}
          data={numbers.map(String)}
          allowDeselect={false}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
        />
        {!isLocked && (
          <Button
            disabled={chosen === latest || !texts.data}
            loading={restore.isPending}
            onClick={() => restore.mutate()}
          >
            {t("files.restore", { revision: chosen })}
          </Button>
        )}
      </Group>
      <Loaded query={texts}>
        {({ texts: [old, now] }) => <DiffView left={old} right={now} />}
      </Loaded>
    </Stack>
  );
}
