/** What narrows a log and how its lines are shown. */

import { ActionIcon, Button, Group, Menu, Select, Switch, TextInput } from "@mantine/core";
import { Download, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { addressOf, type Query } from "../api/client";
import { LEVELS } from "../design/filter/fields";
import { tellFailure } from "../design/receipt";
import type { Search } from "../design/search";
import { absoluteText } from "../design/time";
import { LAST_MOMENT, momentIn, zone } from "../design/zone";
import { type Key, t } from "../i18n";
import { lineAt } from "./line-at";
import { TIMES, type Times } from "./times";

type Props = {
  executionId: string;
  search: Search;
  /** What the viewer asks for now, with what only-matches leaves. */
  filter: Query;
  total: number;
  times: Times;
  attempts: number;
  start: string | undefined;
  isLive: boolean;
  isFollowing: boolean;
  errors: number;
  /** Undefined removes one. */
  onNarrow: (changes: Search) => void;
  onAdjust: (changes: Search) => void;
  onFollow: (isFollowing: boolean) => void;
  onError: (by: 1 | -1) => void;
  onGo: (line: number) => void;
  children: ReactNode;
};

export function Toolbar(props: Props) {
  const { search, times, attempts, isLive, isFollowing, onNarrow, onAdjust, onFollow } = props;
  return (
    <Group className="panel-body" align="end" gap={12}>
      <Select
        label={t("logs.level")}
        w={96}
        data={[...LEVELS]}
        value={search.level ?? "TRACE"}
        allowDeselect={false}
        onChange={(level) => onNarrow({ level: level ?? undefined })}
      />
      {attempts > 1 && (
        <Select
          label={t("logs.attempt")}
          w={96}
          placeholder={t("filter.any")}
          clearable
          data={Array.from({ length: attempts }, (_, n) => ({
            value: String(n),
            label: String(n + 1),
          }))}
          value={search.attempt ?? null}
          onChange={(attempt) => onNarrow({ attempt: attempt ?? undefined })}
        />
      )}
      <Select
        label={t("logs.times")}
        w={128}
        data={TIMES.map((value) => ({ value, label: t(`logs.times.${value}` as Key) }))}
        value={times}
        allowDeselect={false}
        onChange={(value) => onAdjust({ times: value === "absolute" ? undefined : (value ?? "") })}
      />
      <TimeJump {...props} />
      {props.children}
      {props.errors > 0 && <Errors count={props.errors} onError={props.onError} />}
      {isLive && (
        <Switch
          label={t("logs.follow")}
          checked={isFollowing}
          onChange={(event) => onFollow(event.currentTarget.checked)}
        />
      )}
      <Downloads {...props} />
    </Group>
  );
}

function Errors({ count, onError }: { count: number; onError: (by: 1 | -1) => void }) {
  return (
    <Group gap={4}>
      <Button
        variant="default"
        leftSection={<TriangleAlert size={14} aria-hidden="true" />}
        title={t("logs.nextError.key")}
        onClick={(event) => onError(event.shiftKey ? -1 : 1)}
      >
        {t("logs.nextError", { count })}
      </Button>
    </Group>
  );
}

/** Leads to the first line at or after a moment of the person's clock. */
function TimeJump({ executionId, filter, start, onGo }: Props) {
  const [text, setText] = useState("");
  const begun = start ? absoluteText(start, zone()).slice(0, 19).replace(" ", "T") : "";
  const go = async () => {
    try {
      onGo(await lineAt(executionId, filter, momentIn(text || begun, zone())));
    } catch (error) {
      tellFailure(error as Error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <TextInput
        label={t("logs.time")}
        type="datetime-local"
        max={LAST_MOMENT}
        step={1}
        w={208}
        value={text || begun}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSection={
          <ActionIcon type="submit" variant="subtle" aria-label={t("logs.goToTime")}>
            →
          </ActionIcon>
        }
      />
    </form>
  );
}

function Downloads({ executionId, filter, total }: Props) {
  const path = `/logs/${executionId}/download`;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" ml="auto" leftSection={<Download size={14} aria-hidden="true" />}>
          {t("logs.download")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={addressOf(path)}>
          {t("logs.download.all")}
        </Menu.Item>
        <Menu.Item component="a" href={addressOf(path, filter)}>
          {t("logs.download.filtered", { count: total })}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
