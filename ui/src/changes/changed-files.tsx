/** The files that a change touches, each with its diff, to take in or leave out. */

import { Checkbox } from "@mantine/core";
import { DiffView } from "../design/diff-view";
import { t } from "../i18n";
import type { ChangedFile } from "./change-drafts";
import "./changes.css";

type Props = {
  files: ChangedFile[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
};

export function ChangedFiles({ files, chosen, onChange }: Props) {
  const flip = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChange(next);
  };
  return (
    <fieldset className="changed-files">
      <legend>{t("propose.files", { count: chosen.size })}</legend>
      {files.map(({ kind, key, base, text }) => (
        <div key={key}>
          <Checkbox
            label={`${kind.toLowerCase()} ${key}`}
            checked={chosen.has(key)}
            onChange={() => flip(key)}
          />
          {chosen.has(key) && <DiffView left={base} right={text} />}
        </div>
      ))}
    </fieldset>
  );
}
