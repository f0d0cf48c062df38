/** Resources of a plan or sync, each with the difference that it makes: Git left, live right. */

import { Button, Checkbox, Group, SegmentedControl, Select, Switch } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { SyncItem } from "../../api/types-more";
import { DiffView } from "../../design/diff-view";
import { FilterBox } from "../../design/filter-box";
import { isTyping, lettersAct } from "../../design/keys";
import { useUrl } from "../../design/search";
import { StateBadge } from "../../design/state-badge";
import { t } from "../../i18n";
import "./items.css";
import { fitting, keyOf, sidesOf, statesOf } from "./sides";

type Props = {
  items: SyncItem[];
  /** What may be done to one of them. */
  actions?: (item: SyncItem) => ReactNode;
  /** Those that are chosen; what changes nothing cannot be. */
  selection?: { chosen: ReadonlySet<string>; change: (chosen: ReadonlySet<string>) => void };
  /** What the page's own filters ask for; without it there are filters here. */
  narrowed?: { text?: string; state?: string };
};

const FEW = 3;

/** The address keeps how they are shown: `inline`, `space`, and the filters `text` and `is`. */
export function Items({ items, actions, selection, narrowed }: Props) {
  const [search] = useUrl();
  const [opened, setOpened] = useState<ReadonlySet<string> | null>(null);
  if (items.length === 0) return <p className="panel-body muted">{t("git.noItems")}</p>;
  const { text, state } = narrowed ?? { text: search.text, state: search.is };
  const shown = fitting(items, text, state);
  const isOpen = (key: string) => opened?.has(key) ?? items.length <= FEW;
  const flip = (key: string, open: boolean) => {
    const now = new Set(shown.map(keyOf).filter(isOpen));
    if (open) now.add(key);
    else now.delete(key);
    setOpened(now);
  };
  return (
    <div className="items">
      <Tools
        states={narrowed ? undefined : statesOf(items)}
        onAll={(open) => setOpened(new Set(open ? shown.map(keyOf) : []))}
      />
      {shown.length === 0 && <p className="panel-body muted">{t("git.noneFits")}</p>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: j and k only move the focus within */}
      <div onKeyDown={walk}>
        {shown.map((item) => (
          <div key={keyOf(item)} className="item">
            {selection && <Choose item={item} {...selection} />}
            <details
              open={isOpen(keyOf(item))}
              onToggle={({ currentTarget }) => {
                if (currentTarget.open !== isOpen(keyOf(item))) {
                  flip(keyOf(item), currentTarget.open);
                }
              }}
            >
              <summary>
                <StateBadge state={item.state} /> <strong>{item.action.toLowerCase()}</strong>{" "}
                <span className="muted">{item.kind.toLowerCase()}</span> {item.key}
              </summary>
              {item.problems?.map((problem) => (
                <p key={problem} className="panel-body">
                  {problem}
                </p>
              ))}
              {actions && (
                <Group className="panel-body" gap={4}>
                  {actions(item)}
                </Group>
              )}
              {isOpen(keyOf(item)) && <Difference diff={item.diff} />}
            </details>
          </div>
        ))}
      </div>
    </div>
  );
}

type ChooseProps = { item: SyncItem } & NonNullable<Props["selection"]>;

function Choose({ item, chosen, change }: ChooseProps) {
  const key = keyOf(item);
  return (
    <Checkbox
      className="item-choose"
      aria-label={t("git.choose", { name: key })}
      checked={chosen.has(key)}
      disabled={item.action === "NONE"}
      onChange={(event) => {
        const now = new Set(chosen);
        if (event.currentTarget.checked) now.add(key);
        else now.delete(key);
        change(now);
      }}
    />
  );
}

/** `j` and `k` go from resource to resource. */
function walk(event: KeyboardEvent<HTMLElement>) {
  if (!lettersAct() || isTyping(event.nativeEvent) || !["j", "k"].includes(event.key)) return;
  const heads = [...event.currentTarget.querySelectorAll<HTMLElement>("summary")];
  const at = heads.findIndex((head) => head.parentElement?.contains(document.activeElement));
  heads[at + (event.key === "j" ? 1 : -1)]?.focus();
  event.preventDefault();
  event.stopPropagation();
}

type ToolProps = { states?: string[]; onAll: (open: boolean) => void };

function Tools({ states, onAll }: ToolProps) {
  const [search, change] = useUrl();
  return (
    <Group className="panel-body" align="end">
      {states && <FilterBox name="text" label={t("filter.text")} />}
      {states && (
        <Select
          label={t("column.state")}
          placeholder={t("filter.any")}
          clearable
          data={states}
          value={search.is ?? null}
          onChange={(is) => change({ is: is ?? undefined })}
        />
      )}
      <SegmentedControl
        aria-label={t("diff.view")}
        size="xs"
        value={search.inline ? "inline" : "beside"}
        onChange={(value) => change({ inline: value === "inline" ? "true" : undefined })}
        data={[
          { value: "beside", label: t("diff.beside") },
          { value: "inline", label: t("diff.inline") },
        ]}
      />
      <Switch
        label={t("diff.ignoreSpace")}
        checked={search.space === "ignore"}
        onChange={(event) => change({ space: event.currentTarget.checked ? "ignore" : undefined })}
      />
      <Button variant="default" onClick={() => onAll(true)}>
        {t("git.openAll")}
      </Button>
      <Button variant="default" onClick={() => onAll(false)}>
        {t("git.foldAll")}
      </Button>
    </Group>
  );
}

export function Difference({ diff }: { diff?: string }) {
  const [search] = useUrl();
  if (!diff) return <p className="panel-body muted">{t("diff.none")}</p>;
  const { git, live } = sidesOf(diff);
  const inline = Boolean(search.inline);
  return (
    <>
      <div className={inline ? "panel-body muted" : "sides muted"}>
        <span>{inline ? `− ${t("git.sideGit")} ` : t("git.sideGit")}</span>
        <span>{inline ? `+ ${t("git.sideLive")}` : t("git.sideLive")}</span>
      </div>
      <DiffView left={git} right={live} inline={inline} ignoreSpace={search.space === "ignore"} />
    </>
  );
}
