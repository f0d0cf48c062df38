/** One box over pages, flows, executions, namespaces and Git (Ctrl K). */

import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { call } from "../api/client";
import type { Execution, Flow, Page } from "../api/types";
import type { Namespace } from "../api/types-more";
import { t } from "../i18n";
import { DESTINATIONS } from "./navigation";
import "./palette.css";

type Target = { kind: string; title: string; hint?: string; to: string };

const MOST = 8;

type Props = { opened: boolean; onChange: (opened: boolean) => void };

export function Palette({ opened, onChange }: Props) {
  useHotkeys([["mod+K", () => onChange(true)]], []);
  return (
    <Modal
      opened={opened}
      onClose={() => onChange(false)}
      title={t("app.search")}
      size="lg"
      yOffset="10vh"
    >
      <Finder onDone={() => onChange(false)} />
    </Modal>
  );
}

function Finder({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 120);
  const [place, setPlace] = useState(0);
  const found = useQuery<Target[]>({
    queryKey: ["palette", asked],
    enabled: asked.length > 1,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) => find(asked, signal),
  });
  const targets = [...pagesLike(text), ...(asked.length > 1 ? (found.data ?? []) : [])];
  const chosen = Math.min(place, Math.max(0, targets.length - 1));
  const go = (target?: Target) => {
    if (!target) return;
    onDone();
    void navigate({ to: target.to as never });
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      setPlace(Math.min(targets.length - 1, Math.max(0, chosen + by)));
    } else if (event.key === "Enter") go(targets[chosen]);
  };
  return (
    <>
      <TextInput
        data-autofocus
        aria-label={t("app.search")}
        role="combobox"
        aria-expanded={targets.length > 0}
        aria-controls="palette"
        aria-activedescendant={targets.length ? `palette-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKey}
      />
      <div id="palette" role="listbox" aria-label={t("app.search")} className="palette">
        {targets.map((target, n) => (
          <button
            key={`${target.kind} ${target.to}`}
            id={`palette-${n}`}
            type="button"
            role="option"
            tabIndex={-1}
            className="plain"
            aria-selected={n === chosen}
            onClick={() => go(target)}
          >
            <span className="muted">{target.kind}</span>
            {target.title}
            <span className="muted">{target.hint}</span>
          </button>
        ))}
      </div>
      {targets.length === 0 && <p className="muted">{t("palette.none")}</p>}
    </>
  );
}

function pagesLike(text: string): Target[] {
  const wanted = text.trim().toLowerCase();
  return DESTINATIONS.filter(({ label }) => t(label).toLowerCase().includes(wanted)).map(
    ({ to, label }) => ({ kind: t("palette.page"), title: t(label), to }),
  );
}

/** What the server finds; a kind that the caller may not see is left out. */
async function find(q: string, signal: AbortSignal): Promise<Target[]> {
  const page = <T,>(path: string, query: Record<string, string | number>) =>
    call<Page<T>>("GET", path, { signal, query }).then(
      ({ results }) => results,
      () => [] as T[],
    );
  const [flows, namespaces, executions] = await Promise.all([
    page<Flow>("/flows/search", { q, size: MOST }),
    page<Namespace>("/namespaces/search", { q, size: MOST }),
    page<Execution>("/executions/search", {
      "filters[id][STARTS_WITH]": q,
      size: MOST,
      sort: "state.startDate:desc",
    }),
  ]);
  return [
    ...flows.map(({ namespace, id }) => ({
      kind: t("column.flow"),
      title: id,
      hint: namespace,
      to: `/main/flows/edit/${namespace}/${id}/overview`,
    })),
    ...namespaces.map(({ id }) => ({
      kind: t("column.namespace"),
      title: id,
      to: `/main/namespaces/edit/${id}/overview`,
    })),
    ...executions.map(({ namespace, flowId, id }) => ({
      kind: t("palette.execution"),
      title: id,
      hint: `${namespace} / ${flowId}`,
      to: `/main/executions/${namespace}/${flowId}/${id}/overview`,
    })),
  ];
}
