/** The log of an execution: 200,000 lines scroll as 200 do; the server filters and searches. */

import { ActionIcon, Button, Group, Select, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Download } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { addressOf, call, type Query } from "../api/client";
import { isTyping } from "../design/keys";
import { Loaded } from "../design/panel";
import { useUrl } from "../design/search";
import { t } from "../i18n";
import { useLines } from "./lines";
import "./log-viewer.css";
import { LogWindow, type WindowHandle } from "./log-window";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

type Props = { executionId: string; taskIds: string[]; isLive: boolean };

export function LogViewer({ executionId, taskIds, isLive }: Props) {
  const [search, change] = useUrl();
  const [text, setText] = useState(search.find ?? "");
  const [find] = useDebouncedValue(text, 250);
  const [following, setFollowing] = useState(isLive);
  const [marked, setMarked] = useState<number | null>(null);
  const filter: Query = { minLevel: search.level, taskId: search.task };
  const { head, total, store } = useLines(executionId, filter, isLive);
  const rows = useRef<WindowHandle>(null);
  useEffect(() => {
    if (following && total > 0) rows.current?.goTo(total - 1, "end");
  }, [following, total]);

  const goTo = (line: number) => {
    setFollowing(false);
    setMarked(line);
    rows.current?.goTo(line);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isLive && event.key === "f" && !isTyping(event)) setFollowing((before) => !before);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isLive]);
  const linked = Number(search.line ?? "0") - 1;
  const arrived = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link leads to its line once
  useEffect(() => {
    if (arrived.current || linked < 0 || linked >= total) return;
    arrived.current = true;
    goTo(linked);
  }, [linked, total]);
  const latest = useRef(change);
  latest.current = change;
  // the same for all rows and renders, or every row is drawn anew
  const link = useCallback((line: number) => {
    setMarked(line);
    latest.current({ line: String(line + 1) });
  }, []);
  return (
    <section className="panel" aria-label={t("logs.title")}>
      <Group className="panel-body" align="end" gap={12}>
        <Select
          label={t("logs.level")}
          data={LEVELS}
          value={search.level ?? "TRACE"}
          allowDeselect={false}
          onChange={(level) => change({ level: level ?? undefined })}
        />
        <Select
          label={t("logs.task")}
          placeholder={t("filter.any")}
          clearable
          searchable
          data={taskIds}
          value={search.task ?? null}
          onChange={(task) => change({ task: task ?? undefined })}
        />
        <TextInput
          label={t("logs.find")}
          type="search"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Matches executionId={executionId} filter={filter} text={find} onGo={goTo} />
        {isLive && (
          <Switch
            label={t("logs.follow")}
            checked={following}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
        )}
        <Button
          component="a"
          variant="default"
          ml="auto"
          leftSection={<Download size={14} />}
          href={addressOf(`/logs/${executionId}/download`, filter)}
        >
          {t("logs.download")}
        </Button>
      </Group>
      <Loaded query={head} isEmpty={(count) => count === 0} empty={t("logs.empty")}>
        {() => (
          <LogWindow
            ref={rows}
            store={store}
            total={total}
            find={find}
            marked={marked}
            onLink={link}
          />
        )}
      </Loaded>
    </section>
  );
}

type MatchesProps = {
  executionId: string;
  filter: Query;
  text: string;
  onGo: (line: number) => void;
};

/** Where a text is found, and the way from one place to the next. */
function Matches({ executionId, filter, text, onGo }: MatchesProps) {
  const [place, setPlace] = useState(0);
  const found = useQuery({
    queryKey: ["matches", executionId, filter, text],
    enabled: text !== "",
    queryFn: ({ signal }) =>
      call<{ total: number; lines: number[] }>("GET", `/logs/${executionId}/matches`, {
        signal,
        query: { ...filter, q: text, count: 5_000 },
      }),
  });
  const lines = found.data?.lines ?? [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new search begins at its first place
  useEffect(() => {
    setPlace(0);
    if (lines[0] !== undefined) onGo(lines[0]);
  }, [found.data]);
  if (text === "") return null;
  const step = (by: number) => {
    const next = (place + by + lines.length) % lines.length;
    setPlace(next);
    const line = lines[next];
    if (line !== undefined) onGo(line);
  };
  return (
    <Group gap={4} role="status">
      <span className="muted">
        {t("logs.matches", { place: lines.length ? place + 1 : 0, total: found.data?.total ?? 0 })}
      </span>
      <ActionIcon aria-label={t("logs.previous")} disabled={!lines.length} onClick={() => step(-1)}>
        <ChevronUp size={14} />
      </ActionIcon>
      <ActionIcon aria-label={t("logs.next")} disabled={!lines.length} onClick={() => step(1)}>
        <ChevronDown size={14} />
      </ActionIcon>
    </Group>
  );
}
