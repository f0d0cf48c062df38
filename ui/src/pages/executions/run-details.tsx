/** What one task run printed, gave and measured, beneath its row. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Execution, Page, TaskRun } from "../../api/types";
import { Loaded } from "../../design/panel";
import { useUrl } from "../../design/search";
import { hasEnded } from "../../design/state";
import { Values } from "../../design/values";
import { type Key, t } from "../../i18n";
import { ChangeState } from "./change-state";
import { lastLines } from "./last-lines";
import { type Entry, figureText } from "./metric-charts";
import { CHANGEABLE } from "./states";

const PARTS = ["logs", "outputs", "metrics"] as const;
const LINES = 200;
const LIVE_MS = 2_000;

type Props = { execution: Execution; run: TaskRun; height: number };

export function RunDetails({ execution, run, height }: Props) {
  const [search, change] = useUrl();
  const chosen = PARTS.find((part) => part === search.part) ?? "logs";
  const everyMs = hasEnded(run.state.current) ? (false as const) : LIVE_MS;
  const place = `/main/executions/${execution.namespace}/${execution.flowId}/${execution.id}`;
  return (
    <section className="run-details" aria-label={run.taskId} style={{ height }}>
      <Group gap={8} mb={8}>
        {PARTS.map((part) => (
          <Button
            key={part}
            size="compact-sm"
            variant={part === chosen ? "filled" : "default"}
            aria-pressed={part === chosen}
            onClick={() => change({ part: part === "logs" ? undefined : part })}
          >
            {t(`execution.${part}` as Key)}
          </Button>
        ))}
        <Link to={`${place}/logs` as never} search={{ task: run.taskId } as never}>
          {t("execution.openLog")}
        </Link>
        <span className="muted">{t("gantt.attempts", { count: run.attempts?.length ?? 0 })}</span>
        {CHANGEABLE.has(execution.state.current) && (
          <ChangeState execution={execution} run={run} size="compact-sm" />
        )}
      </Group>
      {chosen === "logs" && <Lines run={run} everyMs={everyMs} />}
      {chosen === "outputs" && <Given run={run} />}
      {chosen === "metrics" && <Measured run={run} everyMs={everyMs} />}
    </section>
  );
}

type PartProps = { run: TaskRun; everyMs: number | false };
function Lines({ run, everyMs }: PartProps) {
  const query = useQuery({
    queryKey: ["runLines", run.id, run.state.current],
    refetchInterval: everyMs,
    queryFn: ({ signal }) => lastLines(run.executionId, { taskRunId: run.id }, LINES, signal),
  });
  return (
    <Loaded query={query} isEmpty={({ total }) => total === 0} empty={t("gantt.noLines")}>
      {({ lines, total }) => (
        <>
          {total > LINES && (
            <p className="muted">{t("gantt.lastLines", { count: LINES, total })}</p>
          )}
          <pre className="mono">
            {lines.map(({ level, message }) => `${level.padEnd(5)} ${message}`).join("\n")}
          </pre>
        </>
      )}
    </Loaded>
  );
}

function Given({ run }: { run: TaskRun }) {
  const outputs = run.outputs ?? {};
  if (Object.keys(outputs).length === 0) return <p className="muted">{t("execution.noOutputs")}</p>;
  return <Values values={outputs} />;
}

function Measured({ run, everyMs }: PartProps) {
  const query = useQuery({
    queryKey: ["runMetrics", run.id, run.state.current],
    refetchInterval: everyMs,
    queryFn: ({ signal }) =>
      call<Page<Entry>>("GET", `/metrics/${run.executionId}`, {
        signal,
        query: { taskRunId: run.id, size: 100 },
      }),
  });
  return (
    <Loaded query={query} isEmpty={({ total }) => total === 0} empty={t("metrics.none")}>
      {({ results }) => (
        <Values
          values={Object.fromEntries(
            results.map((entry) => [entry.name, figureText(entry.type, entry.value)]),
          )}
        />
      )}
    </Loaded>
  );
}
