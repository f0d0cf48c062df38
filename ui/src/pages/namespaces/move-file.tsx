/** Gives a file another path: renames it, or moves it to another folder. */

import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";

export function MoveFile({ namespace, path }: { namespace: string; path: string }) {
  const [, change] = useUrl();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState(path);
  const full = `/${to.trim().replace(/^\/+/, "")}`;
  const move = useAct({
    act: () => call("PUT", `/namespaces/${namespace}/files`, { query: { from: path, to: full } }),
    done: () => {
      setOpened(false);
      change({ path: full });
      return t("files.moved", { path: full });
    },
    stale: [["files", namespace]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    move.mutate();
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpened(!opened)}>
          {t("files.move")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap={8}>
            <TextInput
              label={t("files.newPath")}
              required
              w={320}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={full === path} loading={move.isPending}>
                {t("files.moveDo")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
