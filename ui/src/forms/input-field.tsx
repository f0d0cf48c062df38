/** One input of a flow as the field that fits its type. */

import { FileInput, MultiSelect, PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import { choicesOf, type Filled, type Input, isOptional } from "./inputs";

type Props = {
  input: Input;
  value: Filled[string];
  error?: string;
  onChange: (value: Filled[string]) => void;
};

const HTML_TYPES: Record<string, string> = {
  INT: "number",
  FLOAT: "number",
  DATE: "date",
  TIME: "time",
  DATETIME: "datetime-local",
  EMAIL: "email",
};

export function InputField({ input, value, error, onChange }: Props) {
  const shared = {
    label: input.displayName ?? input.id,
    description: input.description,
    required: !isOptional(input),
    error,
  };
  const text = typeof value === "string" ? value : "";
  const choices = choicesOf(input);
  switch (input.type) {
    case "BOOLEAN":
    case "BOOL":
      return (
        <Select
          {...shared}
          clearable
          data={["true", "false"]}
          value={text || null}
          onChange={(v) => onChange(v ?? "")}
        />
      );
    case "SELECT":
    case "ENUM":
      return (
        <Select
          {...shared}
          clearable
          searchable
          data={choices}
          value={text || null}
          onChange={(v) => onChange(v ?? "")}
        />
      );
    case "MULTISELECT":
      return (
        <MultiSelect
          {...shared}
          data={choices}
          value={text ? JSON.parse(text) : []}
          onChange={(chosen) => onChange(chosen.length ? JSON.stringify(chosen) : "")}
        />
      );
    case "FILE":
      return (
        <FileInput
          {...shared}
          clearable
          value={value instanceof File ? value : null}
          onChange={(file) => onChange(file ?? undefined)}
        />
      );
    case "SECRET":
      return (
        <PasswordInput
          {...shared}
          value={text}
          autoComplete="off"
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    case "JSON":
    case "YAML":
    case "ARRAY":
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          value={text}
          styles={{ input: { fontFamily: "var(--mono)" } }}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          type={HTML_TYPES[input.type] ?? "text"}
          step="any"
          min={input.min}
          max={input.max}
          value={text}
          onChange={(e) => onChange(momentOf(input, e.currentTarget.value))}
        />
      );
  }
}

/** A local date and time gets its seconds; the server reads it in the flow's zone. */
function momentOf(input: Input, text: string): string {
  return input.type === "DATETIME" && text.length === 16 ? `${text}:00` : text;
}
