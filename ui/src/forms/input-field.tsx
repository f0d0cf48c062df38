/** One input of a flow as the field that fits its type. */

import {
  Autocomplete,
  Input as Labelled,
  MultiSelect,
  PasswordInput,
  Radio,
  Select,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { lazy, Suspense } from "react";
import { Markdown } from "../design/markdown";
import { t } from "../i18n";
import { FileField } from "./file-field";
import "./forms.css";
import { type Checked, choicesOf, type Filled, type Input, isOptional, rangeOf } from "./inputs";

const CodeField = lazy(() => import("./code-field"));

export type FieldProps = {
  input: Input;
  value: Filled[string];
  error?: string;
  checked?: Checked;
  /** Bytes of the largest file that the server takes. */
  largest?: number;
  onChange: (value: Filled[string]) => void;
};

const HTML_TYPES: Record<string, string> = {
  INT: "number",
  FLOAT: "number",
  DATE: "date",
  TIME: "time",
  DATETIME: "datetime-local",
  EMAIL: "email",
  URI: "url",
};
const EXAMPLES: Record<string, string> = { DURATION: "PT5M", URI: "https://…", ARRAY: "[1, 2]" };

export function InputField(props: FieldProps) {
  const { input, value, error, onChange } = props;
  const shared = {
    label: input.displayName ?? input.id,
    description: <Told input={input} checked={props.checked} isEmpty={!value} />,
    descriptionProps: { component: "div" as const, className: "field-told" },
    required: !isOptional(input),
    error,
  };
  const text = typeof value === "string" ? value : "";
  const set = (next: string | null) => onChange(next ?? "");
  switch (input.type) {
    case "BOOLEAN":
    case "BOOL":
      return (
        <Select
          {...shared}
          clearable
          placeholder={t("run.unset")}
          data={["true", "false"]}
          value={text || null}
          onChange={set}
        />
      );
    case "SELECT":
    case "ENUM":
      return <Choice {...props} shared={shared} />;
    case "MULTISELECT":
      return <Choices {...props} shared={shared} />;
    case "FILE":
      return <FileField {...props} shared={shared} />;
    case "SECRET":
      return (
        <PasswordInput
          {...shared}
          value={text}
          autoComplete="off"
          onChange={(e) => set(e.currentTarget.value)}
        />
      );
    case "JSON":
    case "YAML":
    case "ARRAY":
      return (
        <Suspense fallback={<Labelled.Wrapper {...shared} />}>
          <CodeField
            syntax={input.type === "YAML" ? "yaml" : "json"}
            value={text}
            placeholder={EXAMPLES[input.type]}
            shared={shared}
            onChange={set}
          />
        </Suspense>
      );
    case "ION":
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          maxRows={16}
          spellCheck={false}
          value={text}
          styles={{ input: { fontFamily: "var(--mono)" } }}
          onChange={(e) => set(e.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          type={HTML_TYPES[input.type] ?? "text"}
          step={input.type === "INT" ? 1 : "any"}
          min={input.min}
          max={input.max}
          placeholder={EXAMPLES[input.type]}
          value={text}
          onChange={(e) => set(momentOf(input, e.currentTarget.value))}
        />
      );
  }
}

export type Shared = {
  label: string;
  description: React.ReactNode;
  descriptionProps: { component: "div"; className: string };
  required: boolean;
  error?: string;
};
type ChoiceProps = FieldProps & { shared: Shared };

function Choice({ input, value, onChange, shared }: ChoiceProps) {
  const data = choicesOf(input);
  const text = typeof value === "string" ? value : "";
  if (input.allowCustomValue) {
    return (
      <Autocomplete
        {...shared}
        data={data.map((one) => one.value)}
        value={text}
        onChange={onChange}
      />
    );
  }
  if (input.isRadio) {
    return (
      <Radio.Group {...shared} value={text} onChange={onChange}>
        <Stack gap={4} mt={4}>
          {data.map((one) => (
            <Radio key={one.value} value={one.value} label={one.label} />
          ))}
        </Stack>
      </Radio.Group>
    );
  }
  return (
    <Select
      {...shared}
      clearable
      searchable
      data={data}
      value={text || null}
      onChange={(next) => onChange(next ?? "")}
    />
  );
}

function Choices({ input, value, onChange, shared }: ChoiceProps) {
  const data = choicesOf(input);
  const chosen = listOf(value);
  const set = (next: string[]) => onChange(next.length ? JSON.stringify(next) : "");
  return input.allowCustomValue ? (
    <TagsInput {...shared} data={data.map((one) => one.value)} value={chosen} onChange={set} />
  ) : (
    <MultiSelect {...shared} data={data} value={chosen} onChange={set} />
  );
}

/** A text that was put in by hand may be no list. */
function listOf(value: Filled[string]): string[] {
  try {
    const found: unknown = typeof value === "string" && value ? JSON.parse(value) : [];
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}

type ToldProps = { input: Input; checked?: Checked; isEmpty: boolean };

/** The description, what a value has to fit, and what stands in for a missing one. */
function Told({ input, checked, isEmpty }: ToldProps) {
  const range = rangeOf(input);
  const stands = isEmpty && checked?.isDefault && checked.value !== undefined;
  const facts = [
    input.validator && t("run.validator", { pattern: input.validator }),
    range && t("run.range", { from: range.from ?? "…", to: range.to ?? "…" }),
    input.itemType && t("run.items", { type: input.itemType }),
    stands && t("run.default", { value: textOf(checked.value) }),
  ].filter(Boolean);
  return (
    <>
      {input.description && <Markdown text={input.description} />}
      {facts.length > 0 && <span>{facts.join(" · ")}</span>}
    </>
  );
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** A local date and time gets its seconds; the server reads it in the flow's zone. */
function momentOf(input: Input, text: string): string {
  return input.type === "DATETIME" && text.length === 16 ? `${text}:00` : text;
}
