/** A dashboard made of YAML: its charts, or its text with a preview beside it. */

import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import { ChartPanel } from "../../charts/chart-panel";
import type { Chart, Row } from "../../charts/model";
import { Confirm } from "../../design/confirm";
import { DashboardChoice } from "../../design/dashboard-choice";
import { Page } from "../../design/page";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { useUrl } from "../../design/search";
import { type Key, t } from "../../i18n";
import { DashboardEditor } from "./dashboard-editor";

export type Dashboard = {
  id: string;
  title: string;
  description?: string;
  charts?: Chart[];
  sourceCode: string;
  timeWindow: { default: string };
};

const ABOVE = { title: t("nav.home"), to: "/main/dashboards" };
const NEW = "new";
const BUILT_IN = "default";
const RANGES = ["PT1H", "PT6H", "PT24H", "P3D", "P7D", "P30D", "P90D"];

export default function DashboardPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({
    queryKey: ["dashboard", id],
    enabled: id !== NEW,
    queryFn: ({ signal }) =>
      call<Dashboard>("GET", `/dashboards/${encodeURIComponent(id)}`, { signal }),
  });
  if (id === NEW) {
    return (
      <Page title={t("dashboard.new")} above={[ABOVE]}>
        <DashboardEditor />
      </Page>
    );
  }
  return (
    <Page
      title={query.data?.title ?? id}
      above={[ABOVE]}
      lead={<span className="muted">{query.data?.description}</span>}
      actions={query.data && <Actions dashboard={query.data} />}
    >
      <Loaded query={query}>{(dashboard) => <Shown dashboard={dashboard} />}</Loaded>
    </Page>
  );
}

/** A duration in words, where it is one that can be chosen here. */
const rangeText = (range: string) =>
  RANGES.includes(range) ? t(`logs.range.${range}` as Key) : range;

function Shown({ dashboard }: { dashboard: Dashboard }) {
  const [search] = useUrl();
  if (search.edit === "true") return <DashboardEditor dashboard={dashboard} />;
  const below = `/dashboards/${encodeURIComponent(dashboard.id)}/charts`;
  return (
    <div className="chart-grid">
      {(dashboard.charts ?? []).map((chart) => (
        <ChartPanel
          key={chart.id}
          chart={chart}
          name={[dashboard.id, search.range]}
          ask={(signal) =>
            call<ResultPage<Row>>("POST", `${below}/${encodeURIComponent(chart.id)}`, {
              signal,
              json: search.range ? { timeRange: search.range } : {},
            })
          }
        />
      ))}
    </div>
  );
}

function Actions({ dashboard }: { dashboard: Dashboard }) {
  const [search, change] = useUrl();
  const navigate = useNavigate();
  const remove = useAct({
    act: () => call("DELETE", `/dashboards/${encodeURIComponent(dashboard.id)}`),
    done: () => {
      void navigate({ to: "/main/dashboards" as never });
      return t("dashboard.gone", { name: dashboard.title });
    },
    stale: [["dashboards"]],
  });
  const editing = search.edit === "true";
  return (
    <>
      <Select
        aria-label={t("home.range")}
        placeholder={rangeText(dashboard.timeWindow.default)}
        clearable
        data={RANGES.map((value) => ({ value, label: t(`logs.range.${value}` as Key) }))}
        value={search.range ?? null}
        onChange={(range) => change({ range: range ?? undefined })}
      />
      <DashboardChoice chosen={dashboard.id} />
      {dashboard.id !== BUILT_IN && (
        <>
          <Button variant="default" onClick={() => change({ edit: editing ? undefined : "true" })}>
            {editing ? t("dashboard.show") : t("dashboard.edit")}
          </Button>
          <Confirm
            title={t("files.delete")}
            text={t("dashboard.deleteText", { name: dashboard.title })}
            action={t("files.delete")}
            loading={remove.isPending}
            onConfirm={() => remove.mutate()}
          >
            {(open) => (
              <Button variant="default" onClick={open}>
                {t("files.delete")}
              </Button>
            )}
          </Confirm>
        </>
      )}
    </>
  );
}
