/** Asks for a path and then does something with it: make, move. */

import { Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct } from "../../design/receipt";

type FormProps = {
  /** The label of the path, and what the form's button says. */
  words: { label: string; submit: string };
  namespace: string;
  /** The path that the question begins with. */
  start?: string;
  act: (path: string) => Promise<unknown>;
  /** Called after it was done; the receipt's text. */
  done: (path: string) => string;
};

export function PathForm({ words, namespace, start = "", act, done }: FormProps) {
  const [path, setPath] = useState(start);
  const full = `/${path.trim().replace(/^\/+/, "")}`;
  const doing = useAct({
    act: () => act(full),
    done: () => done(full),
    stale: [["files", namespace]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={8}>
        <TextInput
          label={words.label}
          required
          data-autofocus
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
  );
}

type Props = Omit<FormProps, "words"> & { words: FormProps["words"] & { open: string } };

/** A button with the question behind it. */
export function PathPrompt({ words, done, ...form }: Props) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <Button variant="default" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {words.open}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <PathForm
          key={String(opened)}
          words={words}
          {...form}
          done={(path) => {
            setOpened(false);
            return done(path);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
