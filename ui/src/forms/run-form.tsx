/** Starts a flow: a form made of its inputs. */

import { Button, Drawer, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { addressOf, call } from "../api/client";
import type { Execution, Flow } from "../api/types";
import { Copy } from "../design/copy";
import { tell } from "../design/receipt";
import { t } from "../i18n";
import { curlOf } from "./curl";
import { Fields } from "./fields";
import { type Filled, flatOf, formOf, type Input, initialOf } from "./inputs";

type Props = { flow: Flow; opened: boolean; onClose: () => void };

export function RunForm({ flow, opened, onClose }: Props) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      keepMounted
      title={t("run.title", { flow: flow.id })}
    >
      <Form key={flow.revision} flow={flow} onClose={onClose} />
    </Drawer>
  );
}

function Form({ flow, onClose }: { flow: Flow; onClose: () => void }) {
  const inputs = flatOf((flow.inputs ?? []) as Input[]);
  const navigate = useNavigate();
  const [filled, setFilled] = useState<Filled>(() =>
    Object.fromEntries(inputs.map((input) => [input.id, initialOf(input)])),
  );
  const [labels, setLabels] = useState("");
  const path = `/executions/${flow.namespace}/${flow.id}`;
  const query = { labels: labelsOf(labels) };
  const start = useMutation({
    mutationFn: () =>
      call<Execution>("POST", path, {
        body: formOf(inputs, filled),
        query,
      }),
    onSuccess: (made) => {
      tell(t("run.started", { id: made.id }));
      onClose();
      void navigate({
        to: `/main/executions/${made.namespace}/${made.flowId}/${made.id}/gantt` as never,
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap={12}>
        {inputs.length === 0 && <p className="muted">{t("run.noInputs")}</p>}
        <Fields inputs={inputs} filled={filled} error={start.error} onChange={setFilled} />
        <TextInput
          label={t("run.labels")}
          placeholder="team:data, day:monday"
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
        />
        <Button type="submit" loading={start.isPending}>
          {t("flow.run")}
        </Button>
        <Copy text={curlOf(addressOf(path, query), inputs, filled)} label={t("run.curl")} />
      </Stack>
    </form>
  );
}

const labelsOf = (text: string) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
