/** What each task gave, as a tree by task and iteration; one value in full beside it. */

import { TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useDeferredValue, useMemo, useRef } from "react";
import type { Execution } from "../../api/types";
import { Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { valueText } from "../../design/values";
import { sizeText } from "../../forms/size";
import { type Key, t } from "../../i18n";
import { kindOf, sizeOf } from "./output-paths";
import { type OutputRow, rowsOfOutputs } from "./output-rows";
import { OutputValue } from "./output-value";

const ROW_PX = 28;
const STEP_PX = 16;
const MOST_SHOWN = 120;

export function OutputTree({ execution }: { execution: Execution }) {
  const [search, change] = useUrl();
  const sought = useDeferredValue(search.find ?? "");
  const turned = useMemo(() => new Set(search.turned?.split("|")), [search.turned]);
  const rows = useMemo(
    () => rowsOfOutputs(execution.taskRunList ?? [], turned, sought),
    [execution.taskRunList, turned, sought],
  );
  const chosen = rows.find(({ id, leaf }) => leaf && id === search.output);
  const turn = (id: string) => {
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    change({ turned: [...next].filter(Boolean).join("|") });
  };
  return (
    <Panel title={t("execution.outputs")}>
      <div className="panel-body">
        <TextInput
          type="search"
          label={t("outputs.find")}
          value={search.find ?? ""}
          onChange={(event) => change({ find: event.currentTarget.value })}
        />
      </div>
      {rows.length === 0 ? (
        <p className="panel-body muted">
          {t(sought ? "outputs.nothingFound" : "execution.noOutputs")}
        </p>
      ) : (
        <div className="outputs">
          <Rows
            rows={rows}
            chosen={chosen?.id}
            onTurn={turn}
            onChoose={(id) => change({ output: id })}
          />
          {chosen?.leaf && (
            <OutputValue
              executionId={execution.id}
              path={chosen.leaf.path}
              value={chosen.leaf.value}
            />
          )}
        </div>
      )}
    </Panel>
  );
}

type RowsProps = {
  rows: readonly OutputRow[];
  chosen: string | undefined;
  onTurn: (id: string) => void;
  onChoose: (id: string) => void;
};

function Rows({ rows, chosen, onTurn, onChoose }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  return (
    <div className="output-rows" ref={scroller}>
      <ul style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <li key={row.id} style={{ transform: `translateY(${start}px)` }}>
              <button
                type="button"
                className="output-row"
                aria-expanded={row.leaf ? row.id === chosen : !row.isFolded}
                style={{ paddingInlineStart: 12 + row.depth * STEP_PX }}
                onClick={() => (row.leaf ? onChoose(row.id) : onTurn(row.id))}
              >
                {row.leaf ? (
                  <LeafRow name={row.name} value={row.leaf.value} />
                ) : (
                  <Holder row={row} />
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Holder({ row }: { row: OutputRow }) {
  const Arrow = row.isFolded ? ChevronRight : ChevronDown;
  return (
    <>
      <Arrow size={14} aria-hidden="true" />
      <strong>{row.name}</strong>
      <span className="muted">{t("outputs.inside", { count: row.count })}</span>
    </>
  );
}

function LeafRow({ name, value }: { name: string; value: unknown }) {
  const kind = kindOf(value);
  return (
    <>
      <span>{name}</span>
      <span className="muted">{t(`outputs.kind.${kind}` as Key)}</span>
      {kind !== "file" && <span className="muted">{sizeText(sizeOf(value))}</span>}
      <span className="mono output-short">
        {kind === "file" ? String(value).split("/").at(-1) : valueText(value).slice(0, MOST_SHOWN)}
      </span>
    </>
  );
}
