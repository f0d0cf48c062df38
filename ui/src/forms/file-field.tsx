/** A file to choose or to drop; says how large it may be before it is sent. */

import { FileInput } from "@mantine/core";
import { type DragEvent, useState } from "react";
import { t } from "../i18n";
import type { FieldProps, Shared } from "./input-field";
import { acceptOf } from "./inputs";
import { sizeText } from "./size";
import "./forms.css";

type Props = FieldProps & { shared: Shared };

export function FileField({ input, value, onChange, largest, shared }: Props) {
  const [isOver, setIsOver] = useState(false);
  const accept = acceptOf(input);
  const file = value instanceof File ? value : null;
  const isTooLarge = file !== null && largest !== undefined && file.size > largest;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped) onChange(dropped);
  };
  const limits = [
    t("run.drop"),
    largest !== undefined && t("run.largest", { size: sizeText(largest) }),
    accept && t("run.accept", { accept }),
    file && t("run.chosen", { size: sizeText(file.size) }),
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field within does the same by keys
    <div
      className="file-field"
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <FileInput
        {...shared}
        description={
          <>
            {shared.description} <span>{limits.join(" · ")}</span>
          </>
        }
        error={isTooLarge ? t("run.tooLarge", { size: sizeText(file.size) }) : shared.error}
        clearable
        accept={accept}
        value={file}
        onChange={(chosen) => onChange(chosen ?? undefined)}
      />
    </div>
  );
}
