/** Several lines of an expression, with what may stand at the caret beneath; Ctrl Enter sends. */

import { Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, useId, useMemo, useState } from "react";
import { call } from "../../api/client";
import type { Execution } from "../../api/types";
import { t } from "../../i18n";
import { completionAt } from "./complete";
import { scopeOf } from "./output-paths";

type Props = {
  ref: RefObject<HTMLTextAreaElement | null>;
  execution: Execution;
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
};

function useKnown(execution: Execution) {
  const scope = useMemo(() => scopeOf(execution), [execution]);
  const { data } = useQuery({
    queryKey: ["pebble"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const [functions, filters] = await Promise.all([
        call<{ name: string }[]>("GET", "/pebble/functions", { signal }),
        call<string[]>("GET", "/pebble/filters", { signal }),
      ]);
      return { functions: functions.map(({ name }) => name), filters };
    },
  });
  return { scope, functions: data?.functions ?? [], filters: data?.filters ?? [] };
}

export function ExpressionInput({ ref, execution, text, onChange, onSend }: Props) {
  const known = useKnown(execution);
  const [caret, setCaret] = useState<number | null>(null);
  const [place, setPlace] = useState(0);
  const list = useId();
  const { from, options } =
    caret === null ? { from: 0, options: [] } : completionAt(text, caret, known);
  const chosen = Math.min(place, options.length - 1);
  const close = () => setCaret(null);
  const take = (option: string) => {
    onChange(text.slice(0, from) + option + text.slice(caret ?? from));
    const at = from + option.length;
    setPlace(0);
    requestAnimationFrame(() => {
      ref.current?.focus();
      ref.current?.setSelectionRange(at, at);
      setCaret(at);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = options[chosen];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSend();
    else if (event.key === "Escape" && options.length > 0) close();
    else if (option && step) setPlace((chosen + step + options.length) % options.length);
    else if (option && (event.key === "Enter" || event.key === "Tab")) take(option);
    else return;
    event.preventDefault();
  };
  return (
    <div className="expression">
      <Textarea
        ref={ref}
        label={t("execution.expression")}
        description={t("execution.expressionKeys")}
        value={text}
        autosize
        minRows={2}
        maxRows={16}
        spellCheck={false}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={list}
        aria-activedescendant={options.length > 0 ? `${list}-${chosen}` : undefined}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        onChange={(event) => {
          onChange(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setPlace(0);
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label={t("execution.completion")} className="completion">
        {options.map((option, n) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys act in the text
          <div
            key={option}
            id={`${list}-${n}`}
            role="option"
            aria-selected={n === chosen}
            className="mono"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
          >
            {option}
          </div>
        ))}
      </div>
    </div>
  );
}
