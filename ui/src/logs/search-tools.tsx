/** The search of a log: text or pattern, n of m, the next and the previous, only what fits. */

import { ActionIcon, Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { CaseSensitive, ChevronDown, ChevronUp, ListFilter, Regex } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type Ref, useState } from "react";
import type { Search } from "../design/search";
import { t } from "../i18n";
import type { Find, useMatches } from "./finder";

type Props = {
  ref: Ref<HTMLInputElement>;
  find: Find;
  isOnly: boolean;
  /** How many lines are shown, which are the matches where only those are. */
  total: number;
  matches: ReturnType<typeof useMatches>;
  onAdjust: (changes: Search) => void;
  /** Changes what the lines are numbered among. */
  onNarrow: (changes: Search) => void;
  onLeave: () => void;
};

export function SearchTools({ ref, find, isOnly, total, matches, ...act }: Props) {
  const [text, setText] = useState(find.text);
  const send = useDebouncedCallback((typed: string) => {
    (isOnly ? act.onNarrow : act.onAdjust)({ find: typed || undefined });
  }, 250);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault(); // the browser would empty the box
      act.onLeave();
    }
    if (event.key === "Enter" && !isOnly) matches.step(event.shiftKey ? -1 : 1);
  };
  const flip = (name: string, isOn: boolean) =>
    (isOnly || name === "only" ? act.onNarrow : act.onAdjust)({ [name]: isOn ? undefined : "on" });
  const failed = matches.found.error;
  return (
    <Group gap={4} align="end">
      <TextInput
        ref={ref}
        label={t("logs.find")}
        type="search"
        w={180}
        value={text}
        error={failed?.message}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.currentTarget.value);
          send(event.currentTarget.value);
        }}
      />
      <Flip name={t("logs.case")} isOn={find.isExact} onFlip={() => flip("case", find.isExact)}>
        <CaseSensitive size={16} aria-hidden="true" />
      </Flip>
      <Flip
        name={t("logs.regex")}
        isOn={find.isPattern}
        onFlip={() => flip("regex", find.isPattern)}
      >
        <Regex size={14} aria-hidden="true" />
      </Flip>
      <Flip name={t("logs.only")} isOn={isOnly} onFlip={() => flip("only", isOnly)}>
        <ListFilter size={14} aria-hidden="true" />
      </Flip>
      {find.text && !isOnly && <Steps matches={matches} />}
      {find.text && isOnly && (
        <span className="muted log-places" role="status">
          {t("logs.onlyMatches", { count: total })}
        </span>
      )}
    </Group>
  );
}

function Steps({ matches: { found, total, place, step } }: Pick<Props, "matches">) {
  return (
    <>
      <span className="muted log-places" role="status">
        {found.data && t("logs.matches", { place: total ? place + 1 : 0, total })}
      </span>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t("logs.previous")}
        disabled={total === 0}
        onClick={() => step(-1)}
      >
        <ChevronUp size={14} aria-hidden="true" />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t("logs.next")}
        disabled={total === 0}
        onClick={() => step(1)}
      >
        <ChevronDown size={14} aria-hidden="true" />
      </ActionIcon>
    </>
  );
}

type FlipProps = { name: string; isOn: boolean; onFlip: () => void; children: ReactNode };

function Flip({ name, isOn, onFlip, children }: FlipProps) {
  return (
    <ActionIcon
      variant={isOn ? "filled" : "default"}
      size={30}
      aria-label={name}
      title={name}
      aria-pressed={isOn}
      onClick={onFlip}
    >
      {children}
    </ActionIcon>
  );
}
