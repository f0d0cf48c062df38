/** Lets a paused execution go on; a Pause that asks for inputs (`onResume`) gets a form of them. */

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { Fields } from "../../forms/fields";
import { type Filled, flatOf, formOf, type Input, initialOf } from "../../forms/inputs";
import { t } from "../../i18n";
import { executionKey } from "./use-execution";

type Pause = { onResume?: Input[] };

/** The Pause at which the execution stands; none after a pause by hand. */
function usePause({ namespace, flowId, flowRevision, taskRunList }: Execution) {
  const taskId = taskRunList?.find(({ state }) => state.current === "PAUSED")?.taskId;
  return useQuery({
    queryKey: ["task", namespace, flowId, flowRevision, taskId],
    enabled: taskId !== undefined,
    queryFn: ({ signal }) =>
      call<Pause>("GET", `/flows/${namespace}/${flowId}/tasks/${taskId}`, {
        signal,
        query: { revision: flowRevision },
      }),
  });
}

export function Resume({ execution }: { execution: Execution }) {
  const [opened, { open, close }] = useDisclosure(false);
  const pause = usePause(execution);
  const inputs = flatOf(pause.data?.onResume ?? []);
  const resume = useAct({
    act: (body: FormData | undefined) =>
      call("POST", `/executions/${execution.id}/resume`, { body }),
    done: () => {
      close();
      return t("execution.resume.done");
    },
    stale: [executionKey(execution.id)],
  });
  return (
    <>
      <Button
        aria-keyshortcuts="Shift+P"
        loading={resume.isPending || pause.isLoading}
        onClick={inputs.length > 0 ? open : () => resume.mutate(undefined)}
      >
        {t("execution.resume")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("execution.resumeWith")}>
        <ResumeForm
          inputs={inputs}
          error={resume.error}
          isSending={resume.isPending}
          onSend={(body) => resume.mutate(body)}
        />
      </Modal>
    </>
  );
}

type FormProps = {
  inputs: Input[];
  error: Error | null;
  isSending: boolean;
  onSend: (form: FormData) => void;
};

function ResumeForm({ inputs, error, isSending, onSend }: FormProps) {
  const [filled, setFilled] = useState<Filled>(() =>
    Object.fromEntries(inputs.map((input) => [input.id, initialOf(input)])),
  );
  return (
    <SaveForm
      noValidate
      action={t("execution.resume")}
      isSaving={isSending}
      onSave={() => onSend(formOf(inputs, filled))}
    >
      <Fields inputs={inputs} filled={filled} error={error} onChange={setFilled} />
    </SaveForm>
  );
}
