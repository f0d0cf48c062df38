/** An input of JSON or YAML: a small editor, under it the line where it cannot be read. */

import { Input as Labelled } from "@mantine/core";
import { useId, useMemo } from "react";
import { SmallEditor } from "../editor/small-editor";
import { type Syntax, syntaxProblem } from "../editor/syntax";
import { t } from "../i18n";
import type { Shared } from "./input-field";

type Props = {
  syntax: Syntax;
  value: string;
  placeholder?: string;
  shared: Shared;
  onChange: (value: string) => void;
};

export default function CodeField({ syntax, value, placeholder, shared, onChange }: Props) {
  const id = useId();
  const problem = useMemo(() => syntaxProblem(syntax, value), [syntax, value]);
  const wrong = problem
    ? t("syntax.at", { line: problem.line, column: problem.column, message: problem.message })
    : shared.error;
  return (
    <Labelled.Wrapper
      {...shared}
      id={id}
      size="xs"
      labelElement="div"
      error={wrong}
      errorProps={{ id: `${id}-error` }}
      descriptionProps={{ ...shared.descriptionProps, id: `${id}-description` }}
    >
      <SmallEditor
        name={id.replace(/\W/g, "")}
        syntax={syntax}
        label={shared.label}
        value={value}
        problem={problem}
        describedBy={`${id}-description ${id}-error`}
        onChange={onChange}
      />
      {placeholder && !value && <span className="muted">{t("syntax.as", { placeholder })}</span>}
    </Labelled.Wrapper>
  );
}
