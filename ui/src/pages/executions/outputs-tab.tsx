/** What each task gave, and a console that renders expressions against the execution. */

import { Button, Select, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { Panel } from "../../design/panel";
import { Values } from "../../design/values";
import { t } from "../../i18n";

export function Outputs({ execution }: { execution: Execution }) {
  const runs = execution.taskRunList?.filter((run) => Object.keys(run.outputs ?? {}).length) ?? [];
  return (
    <>
      <Console execution={execution} />
      {runs.length === 0 && <p className="muted">{t("execution.noOutputs")}</p>}
      {runs.map((run) => (
        <Panel key={run.id} title={run.value ? `${run.taskId} (${run.value})` : run.taskId}>
          <div className="panel-body">
            <Values values={run.outputs ?? {}} />
          </div>
        </Panel>
      ))}
    </>
  );
}

type Rendered = { result?: string; error?: string; stackTrace?: string };

function Console({ execution }: { execution: Execution }) {
  const [text, setText] = useState("{{ outputs }}");
  const [run, setRun] = useState<string | null>(execution.taskRunList?.at(-1)?.id ?? null);
  const render = useMutation({
    mutationFn: () =>
      call<Rendered>("POST", `/executions/${execution.id}/eval${run ? `/${run}` : ""}`, {
        body: text,
        contentType: "text/plain",
      }),
  });
  const problem = render.error?.message ?? render.data?.error;
  return (
    <Panel title={t("execution.console")}>
      <div className="panel-body">
        <Textarea
          label={t("execution.expression")}
          value={text}
          autosize
          minRows={2}
          styles={{ input: { fontFamily: "var(--mono)" } }}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          label={t("execution.against")}
          mt={8}
          clearable
          value={run}
          onChange={setRun}
          data={(execution.taskRunList ?? []).map((one) => ({
            value: one.id,
            label: one.value ? `${one.taskId} (${one.value})` : one.taskId,
          }))}
        />
        <Button mt={8} loading={render.isPending} onClick={() => render.mutate()}>
          {t("execution.evaluate")}
        </Button>
        {problem && (
          <p role="alert" style={{ color: "var(--failed-text)" }}>
            {problem}
          </p>
        )}
        {render.data?.result !== undefined && <pre className="mono">{render.data.result}</pre>}
      </div>
    </Panel>
  );
}
