/** Makes a file or a folder: its path from the top of the namespace. */

import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { store } from "./store";

type Props = { namespace: string; kind: "file" | "folder" };

export function NewPath({ namespace, kind }: Props) {
  const [, change] = useUrl();
  const [opened, setOpened] = useState(false);
  const [path, setPath] = useState("");
  const full = `/${path.replace(/^\/+/, "")}`;
  const make = useAct({
    act: async () => {
      if (kind === "file") return store(namespace, full, new Blob([""]));
      return call("POST", `/namespaces/${namespace}/files/directory`, { query: { path: full } });
    },
    done: () => {
      setOpened(false);
      if (kind === "file") change({ path: full });
      return t("files.made", { path: full });
    },
    stale: [["files", namespace]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpened(!opened)}>
          {kind === "file" ? t("files.newFile") : t("files.newFolder")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap={8}>
            <TextInput
              label={t("files.path")}
              required
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={make.isPending}>
                {t("files.make")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
