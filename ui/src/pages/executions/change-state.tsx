/** Another end state for an execution, or for one of its task runs, with the reason for it. */

import { Button, Modal, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { call } from "../../api/client";
import type { Execution, TaskRun } from "../../api/types";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { ENDS, RUN_ENDS } from "./states";
import { executionKey } from "./use-execution";

const MOST_REASON = 500;

type Props = { execution: Execution; run?: TaskRun; size?: "compact-sm" };

export function ChangeState({ execution, run, size }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const title = run ? t("execution.changeRun", { task: run.taskId }) : t("execution.changeState");
  return (
    <>
      <Button variant="default" size={size} onClick={open}>
        {t("execution.changeState")}
      </Button>
      <Modal opened={opened} onClose={close} title={title}>
        <Form execution={execution} run={run} onDone={close} />
      </Modal>
    </>
  );
}

type FormProps = Omit<Props, "size"> & { onDone: () => void };

function Form({ execution, run, onDone }: FormProps) {
  const now = (run ?? execution).state.current;
  const choices = (run ? RUN_ENDS : ENDS).filter((state) => state !== now);
  const [state, setState] = useState<string>(choices[0] ?? "SUCCESS");
  const [reason, setReason] = useState("");
  const path = `/executions/${execution.id}`;
  const act = useAct({
    act: () =>
      run
        ? call("POST", `${path}/state`, { query: { reason }, json: { taskRunId: run.id, state } })
        : call("POST", `${path}/change-status`, { query: { status: state, reason } }),
    done: () => {
      onDone();
      return t("execution.changed");
    },
    stale: [executionKey(execution.id), ["executions"], ["audit"]],
  });
  return (
    <SaveForm action={t("execution.changeDo")} onSave={() => act.mutate()} isSaving={act.isPending}>
      {run && <p className="muted">{t("execution.changeRunText")}</p>}
      <Select
        label={t("column.state")}
        data={choices}
        value={state}
        allowDeselect={false}
        onChange={(value) => value && setState(value)}
      />
      <TextField
        data-autofocus
        label={t("execution.reason")}
        description={t("execution.reasonKept")}
        maxLength={MOST_REASON}
        value={reason}
        onChange={setReason}
      />
    </SaveForm>
  );
}
