/** The frame of every form that saves one thing: its fields, and the button below them. */

import { Button, Group, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { t } from "../i18n";

type Props = {
  onSave: () => void;
  isSaving: boolean;
  /** What the button says; `Save` by itself. */
  action?: string;
  /** Whether the server judges the fields, not the browser. */
  noValidate?: boolean;
  children: ReactNode;
};

export function SaveForm({
  onSave,
  isSaving,
  action = t("editor.save"),
  noValidate,
  children,
}: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave();
  };
  return (
    <form onSubmit={submit} noValidate={noValidate}>
      <Stack gap={12}>
        {children}
        <Group justify="flex-end">
          <Button type="submit" loading={isSaving}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
