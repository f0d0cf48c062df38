/** The log of an execution: 200,000 lines scroll as 200 do; the server filters and searches. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { call, type Query } from "../api/client";
import type { TaskRun } from "../api/types";
import { Loaded } from "../design/panel";
import { tellFailure } from "../design/receipt";
import { type Search, useUrl } from "../design/search";
import { t } from "../i18n";
import { Announced } from "./announced";
import { expressionOf, type Find, queryOf, useErrors, useMatches } from "./finder";
import { LinePanel } from "./line-panel";
import { useLines } from "./lines";
import { useLogKeys } from "./log-keys";
import "./log-viewer.css";
import { lineAt } from "./line-at";
import { LogWindow, type WindowHandle } from "./log-window";
import { Nothing } from "./nothing";
import { firstOf, useAdjust, useRange } from "./place";
import { SearchTools } from "./search-tools";
import { SelectionBar } from "./selection-bar";
import { TaskTree } from "./task-tree";
import { TIMES, type Times } from "./times";
import { Toolbar } from "./toolbar";
import { attemptsOf, type Node, nodesOf, type Summary } from "./tree";

const COUNTED_EVERY_MS = 5_000;

type Props = {
  executionId: string;
  /** When the execution began. */
  start: string | undefined;
  runs: readonly TaskRun[];
  isLive: boolean;
};

export function LogViewer({ executionId, start, runs, isLive }: Props) {
  const [search, narrow] = useUrl();
  const adjust = useAdjust();
  const [range, setRange] = useRange();
  const [isOpen, setOpen] = useState(false);
  const summary = useQuery({
    queryKey: ["logSummary", executionId, isLive],
    refetchInterval: isLive ? COUNTED_EVERY_MS : false,
    queryFn: ({ signal }) => call<Summary>("GET", `/logs/${executionId}/summary`, { signal }),
  });
  const nodes = useMemo(() => nodesOf(runs, summary.data), [runs, summary.data]);
  const { find, isOnly, taskIds, filter, shown } = useAsked(search, nodes);
  const { head, total, store } = useLines(executionId, shown, isLive);
  const expression = useKept(expressionOf(find));
  const rows = useRef<WindowHandle>(null);
  const box = useRef<HTMLInputElement>(null);

  const { isFollowing, follow, missed } = useTail(isLive, range !== null, total, rows);
  const goTo = (wanted: number) => {
    const line = Math.max(0, Math.min(wanted, total - 1));
    follow(false);
    setRange({ from: line, to: line });
    rows.current?.goTo(line);
  };
  const linked = useRef(range === null ? null : firstOf(range)).current;
  const matches = useMatches(executionId, filter, find, isOnly, linked, goTo);
  const errorCount = summary.data?.levels.ERROR ?? 0;
  const errors = useErrors(executionId, filter, errorCount > 0 && !isOnly, isLive);
  const toError = async (by: 1 | -1) => {
    const from = range ? range.to : by > 0 ? -1 : total;
    const line = await errors.next(from, by).catch(tellFailure);
    if (line !== undefined) goTo(line);
  };
  const arrived = useRef(linked === null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link leads to its line once
  useEffect(() => {
    if (arrived.current || linked === null || linked >= total) return;
    arrived.current = true;
    rows.current?.goTo(linked);
  }, [total]);

  useMoment(executionId, shown, linked === null ? search.at : undefined, total > 0, goTo);

  // the same for all rows and renders, or every row is drawn anew
  const latest = useRef({ range, setRange });
  latest.current = { range, setRange };
  const pick = useCallback((line: number, extend: boolean) => {
    const { range: old, setRange: change } = latest.current;
    change({ from: extend && old ? old.from : line, to: line });
  }, []);
  const open = useCallback(
    (line: number) => {
      pick(line, false);
      setOpen(true);
    },
    [pick],
  );
  const onKey = useLogKeys({
    isLive,
    total,
    range,
    onFollow: () => follow(!isFollowing),
    onError: toError,
    onSearch: () => box.current?.focus(),
    onRange: (next) => {
      setRange(next);
      rows.current?.show(next.to);
    },
    onOpen: () => setOpen(true),
    onClear: () => (isOpen ? setOpen(false) : setRange(null)),
  });
  const times: Times = TIMES.find((one) => one === search.times) ?? "absolute";
  return (
    <section className="panel log-viewer" aria-label={t("logs.title")}>
      <Toolbar
        executionId={executionId}
        search={search}
        filter={shown}
        total={total}
        times={times}
        attempts={attemptsOf(runs, taskIds)}
        start={start}
        isLive={isLive}
        isFollowing={isFollowing}
        errors={errors.total}
        onNarrow={narrow}
        onAdjust={adjust}
        onFollow={follow}
        onError={toError}
        onGo={goTo}
      >
        <SearchTools
          ref={box}
          find={find}
          isOnly={isOnly}
          total={total}
          matches={matches}
          onAdjust={adjust}
          onNarrow={narrow}
          onLeave={() => rows.current?.focus()}
        />
      </Toolbar>
      <div
        className="log-body"
        data-tree={nodes.length > 1 || undefined}
        data-open={isOpen || undefined}
      >
        {nodes.length > 1 && (
          <TaskTree
            nodes={nodes}
            total={summary.data?.total ?? 0}
            chosen={search.task}
            onChoose={(task) => narrow({ task, run: undefined, attempt: undefined })}
          />
        )}
        <div className="log-place">
          <Loaded
            query={head}
            isEmpty={(count) => count === 0}
            empty={
              <Nothing
                executionId={executionId}
                filter={shown}
                isLive={isLive}
                onLevel={(level) => narrow({ level })}
              />
            }
          >
            {() => (
              <LogWindow
                ref={rows}
                store={store}
                total={total}
                find={expression}
                times={times}
                start={start}
                range={range}
                isLive={isLive}
                onPick={pick}
                onOpen={open}
                onBack={() => isFollowing && follow(false)}
                onKeyDown={onKey}
              />
            )}
          </Loaded>
          {missed > 0 && (
            <Button className="log-missed" onClick={() => follow(true)}>
              {t("logs.newLines", { count: missed })}
            </Button>
          )}
        </div>
        {isOpen && range && (
          <LinePanel
            store={store}
            number={range.to}
            find={expression}
            onClose={() => setOpen(false)}
          />
        )}
      </div>
      {range && total > 0 && (
        <SelectionBar
          range={range}
          store={store}
          isOpen={isOpen}
          onOpen={() => setOpen(true)}
          onClear={() => {
            setRange(null);
            setOpen(false);
          }}
        />
      )}
      <Announced errors={errorCount} isLive={isLive} />
    </section>
  );
}

/** What the address asks for: `filter` without the search, `shown` with it where only matches are. */
function useAsked(search: Search, nodes: Node[]) {
  const chosen = nodes.find(({ taskId }) => taskId === search.task);
  const taskIds = chosen?.taskIds ?? (search.task ? [search.task] : []);
  const find: Find = {
    text: search.find ?? "",
    isExact: search.case === "on",
    isPattern: search.regex === "on",
  };
  const isOnly = search.only === "on" && find.text !== "";
  const filter = useKept<Query>({
    minLevel: search.level,
    "filters[taskId][IN]": taskIds.join(",") || undefined,
    taskRunId: search.run,
    attempt: search.attempt,
  });
  const shown = useKept<Query>(isOnly ? { ...filter, ...queryOf(find) } : filter);
  return { find, isOnly, taskIds, filter, shown };
}

/** A link from elsewhere names the moment of its line: that leads to the line, once. */
function useMoment(
  executionId: string,
  filter: Query,
  at: string | undefined,
  isThere: boolean,
  onGo: (line: number) => void,
) {
  const found = useQuery({
    queryKey: ["lineAt", executionId, filter, at],
    enabled: at !== undefined,
    queryFn: ({ signal }) => lineAt(executionId, filter, at ?? "", signal),
  });
  const latest = useRef(onGo);
  latest.current = onGo;
  const arrived = useRef(false);
  useEffect(() => {
    if (found.data === undefined || !isThere || arrived.current) return;
    arrived.current = true;
    latest.current(found.data);
  }, [found.data, isThere]);
}

/** Keeps the last line in view while somebody wants it; counts what came since they left it. */
function useTail(
  isLive: boolean,
  isElsewhere: boolean,
  total: number,
  rows: RefObject<WindowHandle | null>,
) {
  const [isFollowing, setFollowing] = useState(isLive && !isElsewhere);
  const [leftAt, setLeftAt] = useState<number | null>(null);
  useEffect(() => {
    if (isFollowing && total > 0) rows.current?.goTo(total - 1, "end");
  }, [isFollowing, total, rows]);
  const follow = (isOn: boolean) => {
    setFollowing(isOn);
    setLeftAt(isOn ? null : total);
  };
  const missed = isLive && leftAt !== null ? Math.max(0, total - leftAt) : 0;
  return { isFollowing, follow, missed };
}

/** The value of before, for as long as it says the same: what hangs on it is then left alone. */
function useKept<T>(value: T): T {
  const kept = useRef(value);
  const text = value instanceof RegExp ? String(value) : JSON.stringify(value);
  const said = useRef(text);
  if (said.current !== text) {
    said.current = text;
    kept.current = value;
  }
  return kept.current;
}
