/** The fields of some inputs, each with the server's refusal that names it. */

import { Alert } from "@mantine/core";
import { ApiError } from "../api/client";
import { InputField } from "./input-field";
import type { Filled, Input } from "./inputs";

type Props = {
  inputs: readonly Input[];
  filled: Filled;
  /** What the server said to them the last time. */
  error: Error | null;
  onChange: (change: (old: Filled) => Filled) => void;
};

export function Fields({ inputs, filled, error, onChange }: Props) {
  const errors = errorsOf(error, inputs);
  return (
    <>
      {error && !Object.keys(errors).length && (
        <Alert color="red" role="alert" title={error.message} />
      )}
      {inputs.map((input) => (
        <InputField
          key={input.id}
          input={input}
          value={filled[input.id]}
          error={errors[input.id]}
          onChange={(value) => onChange((old) => ({ ...old, [input.id]: value }))}
        />
      ))}
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
