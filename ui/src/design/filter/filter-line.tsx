/** A list's filter as one line of text, with what may come next offered, and its chips below. */

import { Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import { t } from "../../i18n";
import { SavedFilters } from "../saved-filters";
import { accept, type Offer, type Option, offerAt } from "./complete";
import { exampleOf } from "./fields";
import { type Field, type Filter, type Problem, parse, textOfFilters, wordOf } from "./tokens";
import { useFilter } from "./use-filter";
import "./filter-line.css";

const AFTER_MS = 350;

type Props = {
  /** Under which name the filters of this list are kept. */
  list: string;
  fields: readonly Field[];
  /** What stands beside the box. */
  children?: ReactNode;
};

export function FilterLine({ list, fields, children }: Props) {
  const filter = useFilter(fields);
  return (
    <div className="filter-line">
      <Group align="start" gap={8} wrap="nowrap" className="filter-row">
        <Box fields={fields} text={filter.text} onFilters={filter.set} />
        <SavedFilters list={list} fields={fields} filters={filter.filters} onUse={filter.set} />
      </Group>
      <Group gap={6}>
        {filter.filters.map((one) => (
          <Chip
            key={`${one.field} ${one.op} ${one.key ?? ""}`}
            text={wordOf(one, fields) ?? `${one.field} ${one.op} ${one.value}`}
            onOff={() => filter.set(filter.filters.filter((other) => other !== one))}
          />
        ))}
        {children}
      </Group>
    </div>
  );
}

function Chip({ text, onOff }: { text: string; onOff: () => void }) {
  return (
    <button type="button" className="chip" onClick={onOff} aria-label={t("filter.off", { text })}>
      <span className="mono">{text}</span>
      <X size={12} aria-hidden="true" />
    </button>
  );
}

type BoxProps = {
  fields: readonly Field[];
  text: string;
  onFilters: (filters: readonly Filter[]) => void;
};

function Box({ fields, text: kept, onFilters }: BoxProps) {
  const [text, setText] = useState(kept);
  const [problems, setProblems] = useState<Problem[]>([]);
  const input = useRef<HTMLInputElement>(null);
  // changed elsewhere, by a chip, a link, a saved filter; what somebody writes is left to them
  useEffect(() => {
    if (document.activeElement === input.current) return;
    setText(kept);
    setProblems([]);
  }, [kept]);
  const apply = (now: string): string | undefined => {
    const found = parse(now, fields);
    setProblems(found.problems);
    if (found.problems.length > 0) return undefined;
    const next = textOfFilters(found.filters, fields);
    if (next !== kept) onFilters(found.filters);
    return next;
  };
  const later = useDebouncedCallback(apply, AFTER_MS);
  const offer = useOffer(fields);
  const write = (now: string, caret: number) => {
    setText(now);
    offer.ask(now, caret);
    later(now);
  };
  // with the paint of the new text and not after it, when the next letter may stand there
  const caret = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (caret.current !== undefined) {
      input.current?.setSelectionRange(caret.current, caret.current);
    }
    caret.current = undefined;
  });
  const take = (option: Option) => {
    const next = accept(text, offer.at, option.text);
    write(next.text, next.caret);
    input.current?.focus();
    caret.current = next.caret;
  };
  const onKey = (event: KeyboardEvent) => {
    if (offer.onKey(event, take)) return;
    if (event.key === "Enter") {
      offer.close();
      apply(text);
    }
  };
  const id = useId();
  return (
    <div className="filter-box">
      <TextInput
        ref={input}
        type="search"
        label={t("filter.filter")}
        placeholder={exampleOf(fields)}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={offer.options.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={offer.chosen < 0 ? undefined : `${id}-${offer.chosen}`}
        autoComplete="off"
        spellCheck={false}
        error={problems.length > 0 ? problems.map(told).join(" ") : undefined}
        classNames={{ input: "mono" }}
        value={text}
        onChange={({ currentTarget }) =>
          write(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
        }
        onKeyDown={onKey}
        onClick={({ currentTarget }) => offer.ask(text, currentTarget.selectionStart ?? 0)}
        onBlur={() => {
          offer.close();
          later.cancel();
          setText(apply(text) ?? text);
        }}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("filter.offers")}
        className="filter-offers"
        hidden={offer.options.length === 0}
      >
        {offer.options.map((option, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box
          // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus
          <div
            key={option.text}
            id={`${id}-${n}`}
            role="option"
            aria-selected={n === offer.chosen}
            className="mono"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
          >
            {option.text}
          </div>
        ))}
      </div>
    </div>
  );
}

function told(problem: Problem): string {
  const { word } = problem;
  if (problem.why === "value") return t("filter.wrong.value", { word, allowed: problem.allowed });
  return t(`filter.wrong.${problem.why}`, { word });
}

/** The place after or before one, round and round; -1 is none. */
const next = (at: number, by: number, count: number) =>
  (Math.max(at, by < 0 ? 0 : -1) + by + count) % count;

const NOTHING: Offer = { from: 0, to: 0, options: [] };

/** What is offered, and how the arrows, Tab, Enter and Escape go about in it. */
function useOffer(fields: readonly Field[]) {
  const [at, setAt] = useState<Offer>(NOTHING);
  const [chosen, setChosen] = useState(-1);
  const names = useNames(at.ask);
  const options = [...at.options, ...names].slice(0, 12);
  const close = () => {
    setAt(NOTHING);
    setChosen(-1);
  };
  const onKey = (event: KeyboardEvent, take: (option: Option) => void): boolean => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && options.length > 0) {
      event.preventDefault();
      setChosen(next(chosen, by, options.length));
      return true;
    }
    const isTaken = event.key === "Enter" || event.key === "Tab";
    const option = isTaken ? options[chosen] : undefined;
    if (option) take(option);
    else if (event.key === "Escape" && options.length > 0) close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const ask = (text: string, caret: number) => {
    setAt(offerAt(text, caret, fields));
    setChosen(-1);
  };
  return { at, options, chosen, close, onKey, ask };
}

type Hit = { id: string; namespace?: string };

/** Names of the server that begin with what is typed. */
function useNames(ask: Offer["ask"]): Option[] {
  const found = useQuery<Page<Hit>>({
    queryKey: ["palette", "names", ask?.kind, ask?.text],
    enabled: ask !== undefined,
    staleTime: 60_000,
    placeholderData: (previous) => previous,
    queryFn: ({ signal }) =>
      call("GET", "/search", { signal, query: { q: ask?.text, kinds: ask?.kind } }),
  });
  if (!ask) return [];
  const ids = new Set((found.data?.results ?? []).map(({ id }) => id));
  return [...ids]
    .filter((id) => id.toLowerCase().startsWith(ask.text))
    .flatMap((id) => {
      const option = { text: ask.before + id };
      return ask.kind === "namespace" ? [option, { text: `${ask.before}${id}.*` }] : [option];
    });
}
