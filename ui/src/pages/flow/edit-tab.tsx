/** The editor of a flow: completion by schema, the server's verdict at the line, save, run. */

import { Alert, Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Panel } from "../../design/panel";
import { tell, tellFailure } from "../../design/receipt";
import { CodeEditor } from "../../editor/code-editor";
import { dropDraft, findDraft, isSame, useDraft } from "../../editor/drafts";
import { findProblems, type Problem } from "../../editor/problems";
import { t } from "../../i18n";
import { flowKey } from "./use-flow";

const NEW_FLOW = `id: my-flow
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: Hello World!
`;

type Props = { flow?: Flow; onRun?: () => void };

export function EditTab({ flow, onRun }: Props) {
  const name = flow ? `${flow.namespace}/${flow.id}` : "new";
  const base = flow?.source ?? (flow ? "" : NEW_FLOW);
  const [text, setText] = useState(base);
  const goTo = useRef<((line: number, column: number) => void) | null>(null);
  const dirty = !isSame(text, base);
  useDraft(name, text, base);
  useSchema();
  const problems = useProblems(text);
  const save = useSave({ flow, text, name });
  const blocker = useBlocker({ shouldBlockFn: () => dirty && !save.saved(), withResolver: true });

  const keepGoTo = useCallback((go: (line: number, column: number) => void) => {
    goTo.current = go;
  }, []);
  return (
    <>
      {blocker.status === "blocked" && (
        <Alert title={t("editor.leave")} role="alertdialog">
          <Group>
            <Button onClick={blocker.proceed}>{t("editor.leaveAnyway")}</Button>
            <Button variant="default" onClick={blocker.reset}>
              {t("editor.stay")}
            </Button>
          </Group>
        </Alert>
      )}
      <DraftOffer name={name} base={base} onTake={setText} />
      <Group>
        <Button disabled={flow && !dirty} loading={save.busy} onClick={save.act}>
          {t("editor.save")}
        </Button>
        {onRun && (
          <Button variant="default" disabled={dirty} onClick={onRun}>
            {t("flow.run")}
          </Button>
        )}
        <span className="muted">{dirty ? t("editor.unsaved") : t("editor.savedState")}</span>
      </Group>
      <section className="panel editor-frame" aria-label={t("editor.source")}>
        <CodeEditor
          label={t("editor.source")}
          path={`${name.replace("/", ".")}.flow.yaml`}
          value={text}
          onChange={setText}
          problems={problems}
          onSave={save.act}
          onRun={onRun}
          onReady={keepGoTo}
        />
      </section>
      <Problems problems={problems} onGo={(line, column) => goTo.current?.(line, column)} />
    </>
  );
}

/** The schema of the flow language, fetched once and given to the editor. */
function useSchema(): void {
  const schema = useQuery({
    queryKey: ["schema", "flow"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => call<object>("GET", "/plugins/schemas/flow"),
  });
  useEffect(() => {
    if (schema.data) {
      void import("../../editor/language").then(({ applyFlowSchema }) =>
        applyFlowSchema(schema.data),
      );
    }
  }, [schema.data]);
}

function useProblems(text: string): Problem[] {
  const [settled] = useDebouncedValue(text, 400);
  const verdict = useQuery({
    queryKey: ["verdict", settled],
    gcTime: 0,
    queryFn: ({ signal }) => findProblems(settled, signal),
    placeholderData: (previous) => previous,
  });
  return verdict.data ?? [];
}

function useSave({ flow, text, name }: { flow?: Flow; text: string; name: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const saved = useRef(false);
  const act = async () => {
    setBusy(true);
    try {
      const path = flow ? `/flows/${flow.namespace}/${flow.id}` : "/flows";
      const made = await call<Flow>(flow ? "PUT" : "POST", path, {
        body: text,
        contentType: "application/x-yaml",
        headers: flow ? { "If-Match": String(flow.revision) } : {},
      });
      saved.current = true;
      await dropDraft(name);
      tell(t("editor.saved", { revision: made.revision }));
      client.setQueryData(flowKey(made.namespace, made.id), { ...made, source: text });
      if (!flow)
        await navigate({ to: `/main/flows/edit/${made.namespace}/${made.id}/edit` as never });
      saved.current = false;
    } catch (error) {
      const isStale = error instanceof ApiError && error.status === 409;
      tellFailure(isStale ? new Error(t("editor.conflict")) : (error as Error));
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, saved: () => saved.current };
}

function DraftOffer({
  name,
  base,
  onTake,
}: {
  name: string;
  base: string;
  onTake: (t: string) => void;
}) {
  const draft = useQuery({
    queryKey: ["draft", name],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await findDraft(name)) ?? null,
  });
  const [done, setDone] = useState(false);
  if (done || !draft.data || isSame(draft.data.text, base)) return null;
  const { text } = draft.data;
  return (
    <Alert title={t("editor.draft")}>
      <Group>
        <Button
          onClick={() => {
            onTake(text);
            setDone(true);
          }}
        >
          {t("editor.draftTake")}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            void dropDraft(name);
            setDone(true);
          }}
        >
          {t("editor.draftDrop")}
        </Button>
      </Group>
    </Alert>
  );
}

type ProblemsProps = { problems: Problem[]; onGo: (line: number, column: number) => void };

function Problems({ problems, onGo }: ProblemsProps) {
  return (
    <Panel title={t("editor.problems", { count: problems.length })}>
      {problems.length === 0 ? (
        <p className="panel-body muted">{t("editor.noProblems")}</p>
      ) : (
        <ul className="problems">
          {problems.map((problem) => (
            <li key={`${problem.path}${problem.line}${problem.message}`}>
              <button
                type="button"
                className="plain"
                onClick={() => onGo(problem.line ?? 1, problem.column ?? 1)}
              >
                <span
                  style={{
                    color: `var(--${problem.severity === "error" ? "failed" : "warning"}-text)`,
                  }}
                >
                  {problem.severity === "error" ? "✕" : "▲"}
                </span>
                <span className="mono">
                  {problem.line ? `${problem.line}:${problem.column ?? 1}` : ""} {problem.path}
                </span>
                {problem.message}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
