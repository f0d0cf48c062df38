/** Filters that a person keeps by name with the server: the same on every machine they log in at. */

import { ActionIcon, Button, CopyButton, Group, Popover, Stack, TextInput } from "@mantine/core";
import { Bookmark, Check, Link2, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { t } from "../i18n";
import { type Field, type Filter, filtersIn, queryOf } from "./filter/tokens";
import { type SavedFilter, useKeep, usePreferences } from "./preferences";
import type { Search } from "./search";

type Props = {
  list: string;
  fields: readonly Field[];
  filters: readonly Filter[];
  onUse: (filters: readonly Filter[]) => void;
};

export function SavedFilters({ list, fields, filters, onUse }: Props) {
  const [opened, setOpened] = useState(false);
  const saved = usePreferences().filters?.[list] ?? [];
  const use = (search: Search) => {
    setOpened(false);
    onUse(filtersIn(search, fields));
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<Bookmark size={14} aria-hidden="true" />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {t("filter.saved")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={8} miw={240}>
          {saved.length === 0 && <p className="muted">{t("filter.noneSaved")}</p>}
          {saved.map((one) => (
            <Row key={one.name} saved={one} list={list} onUse={() => use(one.search)} />
          ))}
          <SaveForm
            list={list}
            current={queryOf(filters) as Search}
            onDone={() => setOpened(false)}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

type RowProps = { saved: SavedFilter; list: string; onUse: () => void };

function Row({ saved, list, onUse }: RowProps) {
  const keep = useKeep("filters", list, t("filter.removed", { name: saved.name }));
  return (
    <Group gap={4} wrap="nowrap" justify="space-between">
      <button type="button" className="plain saved-filter" onClick={onUse}>
        {saved.name}
      </button>
      <CopyLink saved={saved} />
      <ActionIcon
        aria-label={t("filter.remove", { name: saved.name })}
        loading={keep.isPending}
        onClick={() => keep.mutate((old = []) => old.filter(({ name }) => name !== saved.name))}
      >
        <X size={14} />
      </ActionIcon>
    </Group>
  );
}

/** The address of the list under this filter: whoever opens it sees the same. */
function CopyLink({ saved }: { saved: SavedFilter }) {
  const query = new URLSearchParams(saved.search as Record<string, string>);
  const link = `${location.origin}${location.pathname}?${query}`;
  return (
    <CopyButton value={link}>
      {({ copied, copy }) => (
        <ActionIcon
          aria-label={t(copied ? "copy.done" : "filter.share", { name: saved.name })}
          onClick={copy}
        >
          {copied ? <Check size={14} /> : <Link2 size={14} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

type FormProps = { list: string; current: Search; onDone: () => void };

function SaveForm({ list, current, onDone }: FormProps) {
  const [name, setName] = useState("");
  const keep = useKeep("filters", list, t("filter.kept", { name }));
  const isEmpty = Object.keys(current).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const mine = { name: name.trim(), search: current };
    keep.mutate((old = []) => [...old.filter((one) => one.name !== mine.name), mine], {
      onSuccess: onDone,
    });
  };
  return (
    <form onSubmit={submit}>
      <Group gap={8} align="end" wrap="nowrap">
        <TextInput
          label={t("filter.saveAs")}
          required
          maxLength={60}
          disabled={isEmpty}
          description={isEmpty ? t("filter.nothingSet") : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={isEmpty} loading={keep.isPending}>
          {t("filter.save")}
        </Button>
      </Group>
    </form>
  );
}
