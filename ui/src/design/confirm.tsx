/** Asks before something goes for good, naming it (rule 6); `typed` has to be typed first. */

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { t } from "../i18n";

type Props = {
  title: string;
  text: string;
  action: string;
  typed?: string;
  loading?: boolean;
  /** Whether there is nothing to do. */
  disabled?: boolean;
  onConfirm: () => void;
  /** What opens the question. */
  children: (open: () => void) => ReactNode;
};

export function Confirm({
  title,
  text,
  action,
  typed,
  loading,
  disabled,
  onConfirm,
  children,
}: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const [name, setName] = useState("");
  const ask = () => {
    setName(""); // what was typed at an earlier question answers this one no more
    open();
  };
  const confirm = () => {
    onConfirm();
    close();
  };
  return (
    <>
      {children(ask)}
      <Modal opened={opened} onClose={close} title={title} closeOnClickOutside>
        <Stack gap={12}>
          <p>{text}</p>
          {typed && (
            <TextInput
              label={t("confirm.type", { name: typed })}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("confirm.cancel")}
            </Button>
            <Button
              color="red"
              loading={loading}
              disabled={disabled || (typed !== undefined && name !== typed)}
              onClick={confirm}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
