/** The keys that do something, as a list (`?`). */

import { ActionIcon, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Keyboard } from "lucide-react";
import { useEffect } from "react";
import { isTyping, lettersAct } from "../design/keys";
import { SimpleTable } from "../design/simple-table";
import { t } from "../i18n";
import { DESTINATIONS } from "./navigation";

type Shortcut = { keys: string; does: string };

const shortcuts = (): Shortcut[] => [
  { keys: "Ctrl K", does: t("app.search") },
  { keys: "?", does: t("shortcuts.title") },
  { keys: "/", does: t("shortcuts.find") },
  ...DESTINATIONS.filter(({ hotkey }) => hotkey).map(({ hotkey, label }) => ({
    keys: `g ${hotkey}`,
    does: t("shortcuts.go", { page: t(label) }),
  })),
  { keys: "j k", does: t("shortcuts.rows") },
  { keys: "x", does: t("shortcuts.select") },
  { keys: "Enter", does: t("shortcuts.open") },
  { keys: "Ctrl S", does: t("shortcuts.save") },
  { keys: "Ctrl Enter", does: t("shortcuts.run") },
  { keys: "Ctrl M", does: t("shortcuts.tab") },
  { keys: "F8", does: t("shortcuts.problem") },
  { keys: "Shift R", does: t("execution.restart") },
  { keys: "Shift P", does: t("shortcuts.pause") },
  { keys: "Shift K", does: t("execution.kill") },
  { keys: "+ − 0", does: t("shortcuts.zoom") },
  { keys: "f", does: t("shortcuts.follow") },
  { keys: "e", does: t("shortcuts.error") },
  { keys: "Shift E", does: t("shortcuts.errorBack") },
];

/** Puts the caret into the first search box of the page. */
function focusSearch(): boolean {
  const box = document.querySelector<HTMLInputElement>("main input[type=search]");
  box?.focus();
  return box !== null;
}

export function Shortcuts() {
  const [opened, { open, close }] = useDisclosure(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || !lettersAct()) return;
      if (event.key === "?") open();
      else if (event.key !== "/" || !focusSearch()) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [open]);
  return (
    <>
      <ActionIcon aria-label={t("shortcuts.title")} onClick={open} visibleFrom="xs">
        <Keyboard size={16} />
      </ActionIcon>
      <Modal opened={opened} onClose={close} title={t("shortcuts.title")} closeOnClickOutside>
        <SimpleTable
          label={t("shortcuts.title")}
          rows={shortcuts()}
          rowKey={({ keys }) => keys}
          columns={[
            { id: "keys", title: t("shortcuts.keys"), cell: ({ keys }) => <kbd>{keys}</kbd> },
            { id: "does", title: t("shortcuts.does"), cell: ({ does }) => does },
          ]}
        />
        <p className="muted">{t("shortcuts.off")}</p>
      </Modal>
    </>
  );
}
