/** Filters that a person keeps by name with the server: the same on every machine they log in at. */

import { ActionIcon, Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { Bookmark, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { t } from "../i18n";
import { type SavedFilter, useKeep, usePreferences } from "./preferences";
import { type Search, useUrl } from "./search";

/** What of an address is a filter: the page number and what is open are not. */
function filterOf(search: Search, names: readonly string[]): Search {
  return Object.fromEntries(
    names.filter((name) => search[name]).map((name) => [name, search[name]]),
  );
}

type Props = { list: string; names: readonly string[] };

/** `names` are the search parameters that make up the filter of the list. */
export function SavedFilters({ list, names }: Props) {
  const [search, change] = useUrl();
  const [opened, setOpened] = useState(false);
  const saved = usePreferences().filters?.[list] ?? [];
  const current = filterOf(search, names);
  const use = (filter: Search) => {
    setOpened(false);
    const none = Object.fromEntries(names.map((name) => [name, undefined]));
    change({ ...none, ...filter, page: undefined });
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
          <SaveForm list={list} current={current} onDone={() => setOpened(false)} />
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
      <button type="button" className="plain" onClick={onUse}>
        {saved.name}
      </button>
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
