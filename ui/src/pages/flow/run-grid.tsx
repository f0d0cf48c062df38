/** The last executions of a flow side by side: the state of each task in each of them. */

import { Button, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useRef } from "react";
import { call } from "../../api/client";
import type { Flow } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { ScrollX } from "../../design/scroll-x";
import { useUrl } from "../../design/search";
import { familyOf, glyphOf } from "../../design/state";
import { absoluteText } from "../../design/time";
import { zone } from "../../design/zone";
import { t } from "../../i18n";

type Run = { id: string; state: string; startDate: string };
type Grid = {
  tasks: { id: string; type: string }[];
  runs: Run[];
  states: string[][];
  counts: number[][];
};

const RUNS = 25;

export function RunGrid({ flow }: { flow: Flow }) {
  const [search, change] = useUrl();
  const query = useQuery({
    queryKey: ["executions", flow.namespace, flow.id, "grid", search.before],
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      call<Grid>("GET", `/flows/${flow.namespace}/${flow.id}/grid`, {
        signal,
        query: { runs: RUNS, before: search.before },
      }),
  });
  return (
    <Panel title={t("grid.title")}>
      <Loaded query={query} isEmpty={({ runs }) => runs.length === 0} empty={t("flow.neverRan")}>
        {(grid) => (
          <>
            <Cells flow={flow} grid={grid} />
            <Group className="panel-body" gap={8}>
              <Button
                variant="default"
                disabled={!search.before}
                onClick={() => change({ before: undefined })}
              >
                {t("grid.latest")}
              </Button>
              <Button
                variant="default"
                disabled={grid.runs.length < RUNS}
                onClick={() => change({ before: grid.runs.at(-1)?.startDate })}
              >
                {t("grid.older")}
              </Button>
            </Group>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const ROW_PX = 27;

/** Arrow keys move from cell to cell; a cell is a link to its execution. Only rows in view are made. */
function Cells({ flow, grid }: { flow: Flow; grid: Grid }) {
  const place = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: grid.tasks.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const runs = grid.runs.map((run, column) => ({ run, column })).reverse();
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const cell = (event.target as HTMLElement).closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    const row = Number(cell.parentElement?.dataset.index) + step[0];
    // the rows around the one in focus are there: `overscan` is more than one
    const next = place.current?.querySelector<HTMLTableRowElement>(`tr[data-index="${row}"]`);
    next?.cells[cell.cellIndex + step[1]]?.querySelector("a")?.focus();
  };
  const shown = rows.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <ScrollX label={t("grid.title")} place={place}>
      <table className="run-grid" aria-rowcount={grid.tasks.length + 1}>
        <caption className="visually-hidden">{t("grid.title")}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t("grid.task")}</th>
            {runs.map(({ run }) => (
              <th key={run.id} scope="col" style={{ padding: 0 }}>
                <Cell flow={flow} run={run} state={run.state} name={t("grid.run")} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={move}>
          <Gap height={before} />
          {shown.map(({ index }) => (
            <Row key={index} flow={flow} grid={grid} runs={runs} index={index} />
          ))}
          <Gap height={after} />
        </tbody>
      </table>
    </ScrollX>
  );
}

/** Holds the place of the rows that are not made. */
const Gap = ({ height }: { height: number }) =>
  height > 0 && (
    <tr>
      <td style={{ height, border: 0 }} />
    </tr>
  );

type RowProps = { flow: Flow; grid: Grid; runs: { run: Run; column: number }[]; index: number };

function Row({ flow, grid, runs, index }: RowProps) {
  const task = grid.tasks[index];
  if (!task) return null;
  return (
    <tr data-index={index} aria-rowindex={index + 2}>
      <th scope="row" title={task.type}>
        {task.id}
      </th>
      {runs.map(({ run, column }) => {
        const state = grid.states[index]?.[column];
        return (
          <td key={run.id}>
            {state && <Cell flow={flow} run={run} state={state} name={task.id} task={task.id} />}
          </td>
        );
      })}
    </tr>
  );
}

type CellProps = { flow: Flow; run: Run; state: string; name: string; task?: string };

/** Opens the execution; the cell of a task, what that task printed. */
function Cell({ flow, run, state, name, task }: CellProps) {
  const at = absoluteText(run.startDate, zone());
  const place = `/main/executions/${flow.namespace}/${flow.id}/${run.id}`;
  return (
    <Link
      to={`${place}/${task ? "logs" : "gantt"}` as never}
      search={(task ? { task } : {}) as never}
      aria-label={t("grid.cell", { name, state, at })}
      title={t("grid.cell", { name, state, at })}
      style={{ color: `var(--${familyOf(state)}-text)` }}
    >
      {glyphOf(state)}
    </Link>
  );
}
