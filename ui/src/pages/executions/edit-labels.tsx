/** The labels of an execution: changed, added, taken off; those of the system stay as they are. */

import { ActionIcon, Button, Group, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { call } from "../../api/client";
import type { Execution, Label } from "../../api/types";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { executionKey } from "./use-execution";

type Draft = Label & { n: number };

export function EditLabels({ execution }: { execution: Execution }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("execution.editLabels")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("execution.editLabels")}>
        <LabelForm execution={execution} onDone={close} />
      </Modal>
    </>
  );
}

function useDrafts({ labels }: Execution) {
  const own = labels.filter(({ key }) => !key.startsWith("system."));
  const begun = own.length > 0 ? own : [{ key: "", value: "" }];
  const [drafts, setDrafts] = useState<Draft[]>(begun.map((label, n) => ({ ...label, n })));
  return {
    drafts,
    add: () => setDrafts([...drafts, { key: "", value: "", n: (drafts.at(-1)?.n ?? 0) + 1 }]),
    remove: (n: number) => setDrafts(drafts.filter((draft) => draft.n !== n)),
    change: (n: number, part: Partial<Label>) =>
      setDrafts(drafts.map((draft) => (draft.n === n ? { ...draft, ...part } : draft))),
  };
}

function LabelForm({ execution, onDone }: { execution: Execution; onDone: () => void }) {
  const { drafts, add, remove, change } = useDrafts(execution);
  const save = useAct({
    act: () => {
      const json = drafts.map(({ key, value }) => ({ key, value }));
      return call("POST", `/executions/${execution.id}/labels`, { query: { replace: true }, json });
    },
    done: () => {
      onDone();
      return t("execution.labelsSaved");
    },
    stale: [executionKey(execution.id), ["executions"]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      {drafts.map(({ n, key, value }, place) => (
        <Group key={n} gap={8} align="end" wrap="nowrap">
          <TextField
            data-autofocus={place === 0 || undefined}
            label={t("kv.key")}
            required
            value={key}
            onChange={(next) => change(n, { key: next })}
          />
          <TextField
            label={t("kv.value")}
            required
            value={value}
            onChange={(next) => change(n, { value: next })}
          />
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t("execution.labelOff", { name: key })}
            onClick={() => remove(n)}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button variant="default" leftSection={<Plus size={14} />} onClick={add}>
        {t("execution.label")}
      </Button>
    </SaveForm>
  );
}
