/** Renders expressions against an execution or one of its task runs; what was asked is kept. */

import { Button, Group, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { Copy } from "../../design/copy";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { valueText } from "../../design/values";
import { sizeText } from "../../forms/size";
import { type Key, t } from "../../i18n";
import { lineOf } from "./complete";
import { ExpressionInput } from "./expression-input";
import { kindOf, sizeOf } from "./output-paths";

type Rendered = { result?: string; error?: string };

const KEPT = "trunkline.expressions";
const MOST_KEPT = 20;

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function useHistory() {
  const [history, setHistory] = useState(kept);
  const keep = (text: string) => {
    const next = [text, ...history.filter((one) => one !== text)].slice(0, MOST_KEPT);
    localStorage.setItem(KEPT, JSON.stringify(next));
    setHistory(next);
  };
  return { history, keep };
}

export function Console({ execution }: { execution: Execution }) {
  const [search, change] = useUrl();
  const { history, keep } = useHistory();
  const [text, setText] = useState(history[0] ?? "{{ outputs }}");
  const input = useRef<HTMLTextAreaElement>(null);
  const run = execution.taskRunList?.find(({ id }) => id === search.against)?.id;
  const render = useMutation({
    mutationFn: () => {
      keep(text);
      const path = `/executions/${execution.id}/eval${run ? `/${run}` : ""}`;
      return call<Rendered>("POST", path, { body: text, contentType: "text/plain" });
    },
    onSuccess: ({ error }) => error && markLine(input.current, lineOf(error)),
  });
  const problem = render.error?.message ?? render.data?.error;
  return (
    <Panel title={t("execution.console")}>
      <div className="panel-body">
        <ExpressionInput
          ref={input}
          execution={execution}
          text={text}
          onChange={setText}
          onSend={() => render.mutate()}
        />
        <Group mt={8} align="end" gap={8}>
          <Select
            label={t("execution.against")}
            placeholder={t("execution.againstAll")}
            clearable
            searchable
            limit={100}
            value={run ?? null}
            onChange={(value) => change({ against: value ?? undefined })}
            data={(execution.taskRunList ?? []).map((one) => ({
              value: one.id,
              label: one.value ? `${one.taskId} (${one.value})` : one.taskId,
            }))}
          />
          <Select
            label={t("execution.asked")}
            placeholder={t("execution.askedBefore")}
            data={history}
            value={null}
            onChange={(value) => value && setText(value)}
          />
          <Button loading={render.isPending} onClick={() => render.mutate()}>
            {t("execution.evaluate")}
          </Button>
        </Group>
        {problem && (
          <p role="alert" className="error-text">
            {problem}
          </p>
        )}
        {render.data?.result !== undefined && <Result text={render.data.result} />}
      </div>
    </Panel>
  );
}

/** Marks the line that an error names, so that one sees where it is. */
function markLine(input: HTMLTextAreaElement | null, line: number | undefined) {
  if (!input || line === undefined) return;
  const lines = input.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  input.focus();
  input.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}

/** The text as it is, and what it reads as. */
function Result({ text }: { text: string }) {
  const value = readAs(text);
  const kind = t(`outputs.kind.${kindOf(value)}` as Key);
  return (
    <section className="result" aria-label={t("execution.result")}>
      <Group gap={8} mb={4}>
        <span className="muted">{`${kind}, ${sizeText(sizeOf(text))}`}</span>
        <Copy text={text} />
      </Group>
      <pre className="mono">{valueText(typeof value === "string" ? text : value)}</pre>
    </section>
  );
}

function readAs(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
