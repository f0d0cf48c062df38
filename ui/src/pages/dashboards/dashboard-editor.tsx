/** The YAML of a dashboard, the server's verdict on it, and its charts with real data beside it. */

import { Alert, Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { parse } from "yaml";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import { ChartPanel } from "../../charts/chart-panel";
import type { Chart, Row } from "../../charts/model";
import { useAct } from "../../design/receipt";
import { CodeEditor } from "../../editor/code-editor";
import { DraftOffer } from "../../editor/draft-offer";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import { type Problem, problemsOf, type Verdict } from "../../editor/problems";
import { t } from "../../i18n";
import type { Dashboard } from "./dashboard-page";

const NEW = `id: my-dashboard
title: My dashboard
timeWindow:
  default: P7D
  max: P366D
charts:
  - id: executions
    type: io.kestra.plugin.core.dashboard.chart.TimeSeries
    chartOptions: {displayName: Executions, column: date, colorByColumn: state, width: 12}
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns:
        date: {field: START_DATE}
        state: {field: STATE}
        total: {agg: COUNT, displayName: Executions, graphStyle: BARS}
`;

export function DashboardEditor({ dashboard }: { dashboard?: Dashboard }) {
  const base = dashboard?.sourceCode ?? NEW;
  const name = `dashboard:${dashboard?.id ?? "new"}`;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(base);
  const saved = useRef(false);
  const dirty = !isSame(text, base);
  useDraft(name, text, base);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty &&
      !saved.current &&
      current.pathname !== next.pathname &&
      !window.confirm(t("dashboard.leave")),
  });
  const problems = useVerdict(text);
  const save = useAct({
    act: async () => {
      const path = dashboard ? `/dashboards/${encodeURIComponent(dashboard.id)}` : "/dashboards";
      const made = await call<Dashboard>(dashboard ? "PUT" : "POST", path, {
        body: text,
        contentType: "application/x-yaml",
      });
      saved.current = true;
      await dropDraft(name);
      client.setQueryData(["dashboard", made.id], made);
      await navigate({ to: `/main/dashboards/${made.id}` as never });
      return made;
    },
    done: (made) => t("dashboard.saved", { name: made.title }),
    stale: [["dashboards"]],
  });
  return (
    <>
      <DraftOffer name={name} base={base} text={text} onTake={setText} />
      <Group>
        <Button
          disabled={problems.length > 0 || (dashboard !== undefined && !dirty)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("editor.save")}
        </Button>
        <span className="muted">
          {dirty ? t("editor.unsaved") : t(dashboard ? "editor.savedState" : "editor.notSaved")}
        </span>
      </Group>
      {problems.map((problem) => (
        <Alert key={problem.message} color="red" role="alert">
          {problem.message}
        </Alert>
      ))}
      <div className="dashboard-editing">
        <section className="panel dashboard-editor" aria-label={t("dashboard.source")}>
          <CodeEditor
            label={t("dashboard.source")}
            path={`${name.replace(":", ".")}.yaml`}
            value={text}
            onChange={setText}
            problems={problems}
            onSave={() => save.mutate()}
          />
        </section>
        <Preview text={text} />
      </div>
    </>
  );
}

function useVerdict(text: string): Problem[] {
  const [settled] = useDebouncedValue(text, 400);
  const query = useQuery({
    queryKey: ["dashboardVerdict", settled],
    gcTime: 0,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) =>
      call<Verdict>("POST", "/dashboards/validate", {
        signal,
        body: settled,
        contentType: "application/x-yaml",
      }),
  });
  return query.data ? problemsOf(query.data) : [];
}

/** The charts of a text; empty while it is no dashboard. */
export function chartsIn(text: string): Chart[] {
  try {
    const charts: unknown = (parse(text) as { charts?: unknown } | null)?.charts;
    if (!Array.isArray(charts)) return [];
    return charts.filter((one) => typeof one?.id === "string" && typeof one?.type === "string");
  } catch {
    return [];
  }
}

/** The last charts that could be read stay while the text cannot be. */
function Preview({ text }: { text: string }) {
  const [settled] = useDebouncedValue(text, 600);
  const last = useRef<Chart[]>([]);
  const found = chartsIn(settled);
  if (found.length > 0) last.current = found;
  return (
    <section className="chart-grid" aria-label={t("dashboard.preview")}>
      {last.current.map((chart) => (
        <ChartPanel
          key={chart.id}
          chart={chart}
          name={["preview"]}
          ask={(signal) =>
            call<Page<Row>>("POST", "/dashboards/charts/preview", {
              signal,
              json: { chart: JSON.stringify(chart) },
            })
          }
        />
      ))}
    </section>
  );
}
