/** The YAML of a suite, the server's verdict on it, and what did not hold, at its line. */

import { Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, call } from "../../api/client";
import { useAct } from "../../design/receipt";
import { CodeEditor } from "../../editor/code-editor";
import { DraftOffer } from "../../editor/draft-offer";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import type { EditorHandle } from "../../editor/make-editor";
import { ProblemList } from "../../editor/problem-list";
import { type Problem, problemsOf, type Verdict } from "../../editor/problems";
import { t } from "../../i18n";
import { pageOf, pathOf, type Result, type Suite, suiteKey } from "../../suites/model";
import { failuresIn } from "./places";

type Props = { suite?: Suite; begin: string; last?: Result };

/** `last` is the latest run of what is saved. */
export function SuiteEditor({ suite, begin, last }: Props) {
  const base = suite?.source ?? begin;
  const name = `suite:${suite ? `${suite.namespace}.${suite.id}` : "new"}`;
  const [text, setText] = useState(base);
  const editor = useRef<EditorHandle | null>(null);
  const keep = useCallback((made: EditorHandle) => {
    editor.current = made;
  }, []);
  const dirty = !isSame(text, base);
  const { save, run } = useActs(suite, text, name);
  useDraft(name, text, base);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty &&
      !save.isPending &&
      !run.isPending &&
      current.pathname !== next.pathname &&
      !window.confirm(t("suites.leave")),
  });
  useSuiteSchema();
  const wrong = useVerdict(text);
  const isOld = dirty || !last || !suite || last.startDate < suite.updatedDate;
  const problems = wrong.length > 0 || isOld ? wrong : failuresIn(text, last);
  return (
    <>
      <DraftOffer name={name} base={base} text={text} onTake={setText} />
      <Group>
        <Button
          disabled={wrong.length > 0 || (suite !== undefined && !dirty)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("editor.save")}
        </Button>
        <Button
          variant="default"
          disabled={wrong.length > 0}
          loading={run.isPending}
          onClick={() => run.mutate(dirty || !suite)}
        >
          {t(dirty || !suite ? "editor.saveAndRun" : "flow.run")}
        </Button>
        <span className="muted">
          {dirty ? t("editor.unsaved") : t(suite ? "editor.savedState" : "editor.notSaved")}
        </span>
      </Group>
      <section className="panel editor-frame" aria-label={t("suites.source")}>
        <CodeEditor
          label={t("suites.source")}
          path={`${name.replace(":", ".")}.suite.yaml`}
          value={text}
          onChange={setText}
          problems={problems}
          onSave={() => save.mutate()}
          onRun={() => run.mutate(dirty || !suite)}
          onReady={keep}
        />
      </section>
      <ProblemList
        problems={problems}
        none={t("suites.noProblems")}
        onGo={(line, column) => editor.current?.goTo(line, column)}
      />
    </>
  );
}

function useActs(suite: Suite | undefined, text: string, draft: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const saved = async () => {
    const made = await call<Suite>("POST", "/tests", {
      body: text,
      contentType: "application/x-yaml",
    });
    await dropDraft(draft);
    client.setQueryData(suiteKey(made.namespace, made.id), made);
    return made;
  };
  const show = async (made: Suite) => {
    const isHere = made.id === suite?.id && made.namespace === suite.namespace;
    if (!isHere) await navigate({ to: pageOf(made) as never });
  };
  const save = useAct({
    act: async () => {
      const made = await saved();
      await show(made);
      return made;
    },
    done: ({ id }) => t("kv.saved", { name: id }),
    stale: [["suites"]],
  });
  const run = useAct({
    act: async (isNew: boolean) => {
      const made = isNew || !suite ? await saved() : suite;
      const result = await call<Result>("POST", `${pathOf(made)}/run`);
      await show(made);
      return { ...result, name: made.id };
    },
    done: ({ name, state }) => t("suites.done", { name, state }),
    stale: [["suites"], ["suiteResults"]],
  });
  return { save, run };
}

/** Lets the editor complete and explain by the schema that the server has of suites. */
function useSuiteSchema(): void {
  const { data } = useQuery({
    queryKey: ["schema", "suite"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<object>("GET", "/plugins/schemas/testsuites", { signal }),
  });
  useEffect(() => {
    if (!data) return;
    void import("../../editor/language").then(({ applySchema }) => applySchema("suite", data));
  }, [data]);
}

/** What the server would refuse, at its lines. */
function useVerdict(text: string): Problem[] {
  const [settled] = useDebouncedValue(text, 400);
  const query = useQuery<Problem[]>({
    queryKey: ["suiteVerdict", settled],
    gcTime: 0,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) => verdictOn(settled, signal),
  });
  return query.data ?? [];
}

async function verdictOn(body: string, signal: AbortSignal): Promise<Problem[]> {
  try {
    await call("POST", "/tests/validate", { signal, body, contentType: "application/x-yaml" });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { errors } = error.body as { errors?: Verdict["violations"] };
    return problemsOf(errors ? { violations: errors } : { constraints: error.message });
  }
}
