/** The fields of some inputs, each with what the server says of it; those that do not count are away. */

import { Alert } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "../api/client";
import { InputField } from "./input-field";
import type { Checked, Filled, Input } from "./inputs";

type Props = {
  inputs: readonly Input[];
  filled: Filled;
  /** What the server said to them the last time. */
  error: Error | null;
  onChange: (change: (old: Filled) => Filled) => void;
  /** What it says while they are filled in, by id. */
  checked?: Record<string, Checked>;
  /** Whether it has yet to say the first thing: inputs that depend on others wait for it. */
  isFirst?: boolean;
  /** Bytes of the largest file that it takes. */
  largest?: number;
};

export function Fields({ inputs, filled, error, onChange, checked = {}, isFirst, largest }: Props) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const errors = errorsOf(error, inputs);
  return (
    <>
      {error && !Object.keys(errors).length && (
        <Alert color="red" role="alert" title={error.message} />
      )}
      {inputs.map((input) => {
        const found = checked[input.id];
        if (found ? !found.enabled : isFirst && input.dependsOn) return null;
        const now = touched.has(input.id) ? found?.errors.join(" ") : undefined;
        return (
          <InputField
            key={input.id}
            input={found?.values ? { ...input, values: found.values } : input}
            value={filled[input.id]}
            checked={found}
            largest={largest}
            error={now || (found?.errors.length === 0 ? undefined : errors[input.id])}
            onChange={(value) => {
              setTouched((old) => new Set(old).add(input.id));
              onChange((old) => ({ ...old, [input.id]: value }));
            }}
          />
        );
      })}
    </>
  );
}

/** The server's refusal, by the input it names. */
function errorsOf(error: Error | null, inputs: readonly Input[]): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const found: Record<string, string> = {};
  for (const input of inputs) {
    if (error.message.includes(`\`${input.id}\``) || error.message.includes(`inputs.${input.id}`)) {
      found[input.id] = error.message;
    }
  }
  return found;
}
