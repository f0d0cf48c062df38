/** Filters that a person keeps by name with the server: the same on every machine they log in at. */

import { ActionIcon, Button, Group, Popover, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { t } from "../i18n";
import { useAct } from "./receipt";
import { type Search, useUrl } from "./search";

type Saved = { name: string; search: Search };
type Preferences = { filters?: Record<string, Saved[]> };

const KEY = ["preferences"];
const read = () => call<Preferences>("GET", "/me/preferences");

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
  const query = useQuery({ queryKey: KEY, staleTime: 60_000, queryFn: read });
  const saved = query.data?.filters?.[list] ?? [];
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

/** Replaces the filters of one list; the rest of what the person keeps is read anew and stays. */
function useKeep(list: string, done: string) {
  const client = useQueryClient();
  return useAct({
    act: async (next: (old: Saved[]) => Saved[]) => {
      const kept = await read();
      const filters = { ...kept.filters, [list]: next(kept.filters?.[list] ?? []) };
      await call("PUT", "/me/preferences", { json: { ...kept, filters } });
      client.setQueryData(KEY, { ...kept, filters });
    },
    done: () => done,
  });
}

type RowProps = { saved: Saved; list: string; onUse: () => void };

function Row({ saved, list, onUse }: RowProps) {
  const keep = useKeep(list, t("filter.removed", { name: saved.name }));
  return (
    <Group gap={4} wrap="nowrap" justify="space-between">
      <button type="button" className="plain" onClick={onUse}>
        {saved.name}
      </button>
      <ActionIcon
        aria-label={t("filter.remove", { name: saved.name })}
        loading={keep.isPending}
        onClick={() => keep.mutate((old) => old.filter(({ name }) => name !== saved.name))}
      >
        <X size={14} />
      </ActionIcon>
    </Group>
  );
}

type FormProps = { list: string; current: Search; onDone: () => void };

function SaveForm({ list, current, onDone }: FormProps) {
  const [name, setName] = useState("");
  const keep = useKeep(list, t("filter.kept", { name }));
  const isEmpty = Object.keys(current).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const mine = { name: name.trim(), search: current };
    keep.mutate((old) => [...old.filter((one) => one.name !== mine.name), mine], {
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
