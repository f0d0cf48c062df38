/** The field of a value, in the way of its type. */

import { NumberInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { SmallEditor } from "../../editor/small-editor";
import { syntaxProblem } from "../../editor/syntax";
import { t } from "../../i18n";
import type { KvType } from "./kv-value";

type Props = {
  type: KvType;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  isFirst: boolean;
};

const HINTS: Partial<Record<KvType, string>> = {
  DATE: "2026-11-22",
  DATETIME: "2026-11-22T09:30:00Z",
  DURATION: "PT1H30M",
};

export function KvValueField({ type, value, error, onChange, isFirst }: Props) {
  const label = t("kv.value");
  const focus = { "data-autofocus": isFirst || undefined };
  switch (type) {
    case "BOOLEAN":
      return (
        <SegmentedControl
          aria-label={label}
          data={[
            { value: "true", label: t("kv.isTrue") },
            { value: "false", label: t("kv.isFalse") },
          ]}
          value={value === "true" ? "true" : "false"}
          onChange={onChange}
        />
      );
    case "NUMBER":
      return (
        <NumberInput
          label={label}
          {...focus}
          hideControls
          value={value}
          error={error}
          onChange={(number) => onChange(String(number))}
        />
      );
    case "JSON":
      return (
        <div>
          <SmallEditor
            name="key"
            syntax="json"
            label={label}
            value={value}
            problem={syntaxProblem("json", value)}
            onChange={onChange}
          />
          {error && <p role="alert">{error}</p>}
        </div>
      );
    case "STRING":
      return (
        <Textarea
          label={label}
          {...focus}
          autosize
          minRows={2}
          value={value}
          error={error}
          styles={{ input: { fontFamily: "var(--mono)" } }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          label={label}
          {...focus}
          placeholder={HINTS[type]}
          value={value}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
