/** What is done to an execution that has ended: its labels, another end state, its removal. */

import { Button, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { SaveForm } from "../../design/save-form";
import { StateBadge } from "../../design/state-badge";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { executionKey } from "./use-execution";

const ENDS = ["SUCCESS", "WARNING", "FAILED", "CANCELLED"];

export function EndedActions({ execution }: { execution: Execution }) {
  const navigate = useNavigate();
  return (
    <>
      <Labels execution={execution} />
      <EndState execution={execution} />
      <RemoveButton
        path={`/executions/${execution.id}`}
        text={t("executions.deleteText", { count: 1 })}
        done={t("kv.gone", { name: execution.id })}
        stale={[["executions"]]}
        onDone={() => void navigate({ to: "/main/executions" as never })}
      />
    </>
  );
}

function EndState({ execution }: { execution: Execution }) {
  const { id, state } = execution;
  const act = useAct({
    act: (status: string) => call("POST", `/executions/${id}/change-status`, { query: { status } }),
    done: () => t("execution.changed"),
    stale: [executionKey(id), ["executions"]],
  });
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" loading={act.isPending} rightSection={<ChevronDown size={14} />}>
          {t("execution.changeState")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ENDS.filter((end) => end !== state.current).map((end) => (
          <Menu.Item key={end} onClick={() => act.mutate(end)}>
            <StateBadge state={end} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Labels({ execution }: { execution: Execution }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("execution.label")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("execution.label")}>
        <LabelForm id={execution.id} onDone={close} />
      </Modal>
    </>
  );
}

function LabelForm({ id, onDone }: { id: string; onDone: () => void }) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const save = useAct({
    act: () => call("POST", `/executions/${id}/labels`, { json: [{ key, value }] }),
    done: () => {
      onDone();
      return t("kv.saved", { name: key });
    },
    stale: [executionKey(id), ["executions"]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <TextField data-autofocus label={t("kv.key")} required value={key} onChange={setKey} />
      <TextField label={t("kv.value")} required value={value} onChange={setValue} />
    </SaveForm>
  );
}
