/** Runs an execution again: as it was, on the latest revision, or with other inputs or from a task. */

import { Button, Menu, Modal, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { call, type Query } from "../../api/client";
import type { Execution, Flow } from "../../api/types";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { hasEnded } from "../../design/state";
import { Fields } from "../../forms/fields";
import { changedOf, type Filled, flatOf, formOf, type Input, usedOf } from "../../forms/inputs";
import { t } from "../../i18n";

type Asked = { query?: Query; body?: FormData };

export function Replay({ execution }: { execution: Execution }) {
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  const replay = useAct({
    act: ({ query, body }: Asked) => {
      const act = body ? "replay-with-inputs" : "replay";
      return call<Execution>("POST", `/executions/${execution.id}/${act}`, { query, body });
    },
    done: (made) => {
      close();
      void navigate({
        to: `/main/executions/${made.namespace}/${made.flowId}/${made.id}/overview` as never,
      });
      return t("execution.replay.done", { id: made.id });
    },
  });
  if (!hasEnded(execution.state.current)) return null;
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button
            variant="default"
            loading={replay.isPending}
            rightSection={<ChevronDown size={14} />}
          >
            {t("execution.replay")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => replay.mutate({})}>{t("execution.replay.same")}</Menu.Item>
          <Menu.Item onClick={() => replay.mutate({ query: { latestRevision: true } })}>
            {t("execution.replay.latest")}
          </Menu.Item>
          <Menu.Item onClick={open}>{t("execution.replay.with")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={opened} onClose={close} title={t("execution.replay.title")}>
        <OfRevision
          execution={execution}
          error={replay.error}
          isSending={replay.isPending}
          onSend={replay.mutate}
        />
      </Modal>
    </>
  );
}

type FormProps = {
  execution: Execution;
  error: Error | null;
  isSending: boolean;
  onSend: (asked: Asked) => void;
};

/** The inputs are those of the revision that the execution ran. */
function OfRevision(props: FormProps) {
  const { namespace, flowId, flowRevision: revision } = props.execution;
  const query = useQuery({
    queryKey: ["flowRevision", namespace, flowId, revision],
    queryFn: ({ signal }) =>
      call<Flow>("GET", `/flows/${namespace}/${flowId}`, { signal, query: { revision } }),
  });
  return (
    <Loaded query={query}>
      {(flow) => <ReplayForm inputs={flatOf((flow.inputs ?? []) as Input[])} {...props} />}
    </Loaded>
  );
}

function ReplayForm({ inputs, execution, ...props }: FormProps & { inputs: Input[] }) {
  const used = usedOf(inputs, execution.inputs ?? {});
  const [filled, setFilled] = useState<Filled>(used);
  const [from, setFrom] = useState<string | null>(null);
  const tasks = (execution.taskRunList ?? [])
    .filter(({ parentTaskRunId }) => !parentTaskRunId)
    .map(({ id, taskId }) => ({ value: id, label: taskId }));
  const send = () => {
    const changed = changedOf(inputs, used, filled);
    const query = { taskRunId: from ?? undefined };
    props.onSend({ query, body: changed.length > 0 ? formOf(changed, filled) : undefined });
  };
  return (
    <SaveForm noValidate action={t("execution.replay")} isSaving={props.isSending} onSave={send}>
      <Select
        label={t("execution.replay.from")}
        placeholder={t("execution.replay.start")}
        clearable
        data={tasks}
        value={from}
        onChange={setFrom}
      />
      {inputs.length > 0 && <p className="muted">{t("execution.replay.kept")}</p>}
      <Fields
        inputs={inputs.map((input) => ({ ...input, required: false }))}
        filled={filled}
        error={props.error}
        onChange={setFilled}
      />
    </SaveForm>
  );
}
