/** A button that asks for a path and then does something with it: make, move. */

import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct } from "../../design/receipt";

type Props = {
  /** What the button says, the label of the path, and what the form's button says. */
  words: { open: string; label: string; submit: string };
  namespace: string;
  /** The path that the question begins with. */
  start?: string;
  act: (path: string) => Promise<unknown>;
  /** Called after it was done; the receipt's text. */
  done: (path: string) => string;
};

export function PathPrompt({ words, namespace, start = "", act, done }: Props) {
  const [opened, setOpened] = useState(false);
  const [path, setPath] = useState(start);
  const full = `/${path.trim().replace(/^\/+/, "")}`;
  const doing = useAct({
    act: () => act(full),
    done: () => {
      setOpened(false);
      return done(full);
    },
    stale: [["files", namespace]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  const toggle = () => {
    setPath(start);
    setOpened(!opened);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <Button variant="default" aria-expanded={opened} onClick={toggle}>
          {words.open}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap={8}>
            <TextInput
              label={words.label}
              required
              w={320}
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={full === start} loading={doing.isPending}>
                {words.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
