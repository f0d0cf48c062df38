/** One box over pages, actions, flows, executions, namespaces, types and commits (Ctrl K). */

import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { t } from "../i18n";
import "./palette.css";
import { refreshNames } from "./name-index";
import { actionsHere, askedOf, find, namesHere, placesLike, type Target } from "./palette-targets";
import { recent, remember } from "./recent";

type Props = { opened: boolean; onChange: (opened: boolean) => void };

export function Palette({ opened, onChange }: Props) {
  useHotkeys([["mod+K", () => onChange(true)]], []);
  return (
    <Modal
      opened={opened}
      onClose={() => onChange(false)}
      title={t("app.search")}
      size="lg"
      closeOnClickOutside
      yOffset="10vh"
    >
      <Finder onDone={() => onChange(false)} />
    </Modal>
  );
}

const keyOf = ({ kind, title, hint = "" }: Target) => `${kind} ${title} ${hint}`;
const indexed = () => refreshNames().then(() => true);

function Finder({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 120);
  const asked = askedOf(settled);
  const [place, setPlace] = useState(0);
  const found = useQuery<Target[]>({
    queryKey: ["palette", settled],
    enabled: asked.text.length > 1,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) => find(asked, signal),
  });
  const names = useQuery({ queryKey: ["palette", "index"], queryFn: indexed, staleTime: 60_000 });
  const here = askedOf(text);
  const all = [
    ...(text.trim() === "" ? recent() : []),
    ...actionsHere(here),
    ...placesLike(here),
    ...(names.data ? namesHere(here) : []),
    ...(asked.text.length > 1 ? (found.data ?? []) : []),
  ];
  const targets = [...new Map(all.map((target) => [keyOf(target), target])).values()];
  const chosen = Math.min(place, Math.max(0, targets.length - 1));
  const go = (target?: Target) => {
    if (!target) return;
    remember(target);
    onDone();
    if (typeof target.to === "function") target.to();
    else void navigate({ to: target.to as never });
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
        description={t("palette.help")}
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
            key={keyOf(target)}
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
