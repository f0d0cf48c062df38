/** The form that a text asks for, before it is saved; what is filled in serves Render and Test run. */

import { Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import { parse } from "yaml";
import type { Flow } from "../../api/types";
import { Fields } from "../../forms/fields";
import { type Filled, firstOf, flatOf, type Input } from "../../forms/inputs";
import { useLargest } from "../../forms/run-form";
import { useChecked } from "../../forms/use-checked";
import { t } from "../../i18n";

type Props = {
  text: string;
  filled: Filled;
  onFill: (change: (old: Filled) => Filled) => void;
  flow?: Flow;
  dirty: boolean;
};

/** The inputs that a text names; those of the last text that could be read. */
export function inputsIn(text: string): Input[] {
  try {
    const found = (parse(text) as { inputs?: unknown } | null)?.inputs;
    const list = Array.isArray(found) ? (found as Input[]) : [];
    return flatOf(list.filter((input) => input?.id && input.type));
  } catch {
    return [];
  }
}

export function InputsForm({ text, filled, onFill, flow, dirty }: Props) {
  const [settled] = useDebouncedValue(text, 300);
  const inputs = useMemo(() => inputsIn(settled), [settled]);
  const largest = useLargest();
  const path = flow && !dirty ? `/executions/${flow.namespace}/${flow.id}` : null;
  const { checked, isFirst } = useChecked(path, inputs, filled);
  useEffect(() => {
    onFill((old) => ({ ...firstOf(inputs), ...old }));
  }, [inputs, onFill]);
  if (inputs.length === 0) return <p className="panel-body muted">{t("run.noInputs")}</p>;
  return (
    <Stack className="panel-body" gap={12}>
      <p className="muted">{t(path ? "inputs.checked" : "inputs.unsaved")}</p>
      <Fields
        inputs={inputs}
        filled={filled}
        error={null}
        checked={checked}
        isFirst={isFirst}
        largest={largest}
        onChange={onFill}
      />
    </Stack>
  );
}
