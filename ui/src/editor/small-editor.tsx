/** A few lines of JSON or YAML in a form: coloured, and marked where they cannot be read. Tab moves on. */

import { useMemo } from "react";
import { CodeEditor } from "./code-editor";
import type { Problem } from "./problems";
import type { Syntax } from "./syntax";

type Props = {
  /** One name for each field of a page: two of one name would be one text. */
  name: string;
  syntax: Syntax;
  label: string;
  value: string;
  problem: Problem | null;
  /** The id of what is told under the field. */
  describedBy?: string;
  onChange: (value: string) => void;
};

export function SmallEditor({ name, syntax, problem, ...props }: Props) {
  const problems = useMemo(() => (problem ? [problem] : []), [problem]);
  return (
    <div className="small-editor" data-wrong={problem !== null || undefined}>
      <CodeEditor isSmall path={`fields/${name}.${syntax}`} problems={problems} {...props} />
    </div>
  );
}
