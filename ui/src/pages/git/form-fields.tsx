/** Inputs of the forms of sources and bindings: each knows its value, its error and how it changes. */

import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { ApiError } from "../../api/client";
import { type Key, t } from "../../i18n";

type Value = string | number | boolean | string[] | null;
export type Errors = Record<string, string>;
export type Form<T> = { values: T; errors: Errors; change: (part: Partial<T>) => void };

type Names<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T] & string;
type Props<T, V> = { form: Form<T>; name: Names<T, V>; label: Key; hint?: Key };

export function TextField<T extends Record<string, Value>>({
  form,
  name,
  label,
  hint,
  ...rest
}: Props<T, string> & {
  required?: boolean;
  placeholder?: string;
  disabled?: boolean;
  "data-autofocus"?: boolean;
}) {
  return (
    <TextInput
      label={t(label)}
      description={hint && t(hint)}
      autoComplete="off"
      value={form.values[name] as string}
      error={form.errors[name]}
      onChange={(event) => form.change({ [name]: event.currentTarget.value } as Partial<T>)}
      {...rest}
    />
  );
}

export function SwitchField<T extends Record<string, Value>>(props: Props<T, boolean>) {
  const { form, name, label, hint } = props;
  return (
    <Switch
      label={t(label)}
      description={hint && t(hint)}
      checked={form.values[name] as boolean}
      error={form.errors[name]}
      onChange={(event) => form.change({ [name]: event.currentTarget.checked } as Partial<T>)}
    />
  );
}

export function NumberField<T extends Record<string, Value>>({
  form,
  name,
  label,
  hint,
  ...rest
}: Props<T, number | null> & { min?: number; max?: number }) {
  return (
    <NumberInput
      label={t(label)}
      description={hint && t(hint)}
      value={(form.values[name] as number | null) ?? ""}
      error={form.errors[name]}
      onChange={(value) =>
        form.change({ [name]: typeof value === "number" ? value : null } as Partial<T>)
      }
      {...rest}
    />
  );
}

export function ChoiceField<T extends Record<string, Value>>({
  form,
  name,
  label,
  hint,
  data,
}: Props<T, string> & { data: readonly string[] | { value: string; label: string }[] }) {
  return (
    <Select
      label={t(label)}
      description={hint && t(hint)}
      allowDeselect={false}
      data={data as string[]}
      value={form.values[name] as string}
      error={form.errors[name]}
      onChange={(value) => form.change({ [name]: value ?? "" } as Partial<T>)}
    />
  );
}

/** The server's violations by the last part of their path: those of a group stand at its fields. */
export function errorsOf(error: Error | null): Errors {
  if (!(error instanceof ApiError)) return {};
  const { violations = [] } = (error.body ?? {}) as {
    violations?: { path?: string; message: string }[];
  };
  return Object.fromEntries(
    violations.map(({ path, message }) => [path?.split(".").at(-1) ?? "", message]),
  );
}
