/** One output in full: its expression to copy, the value or the file; what is long is cut, and saved whole. */

import { Button, Group } from "@mantine/core";
import { Copy } from "../../design/copy";
import { saveFile } from "../../design/save-file";
import { valueText } from "../../design/values";
import { t } from "../../i18n";
import { FilePreview } from "./file-preview";
import { expressionOf, kindOf, sizeOf } from "./output-paths";

const MOST_BYTES = 64 * 1024;

type Props = { executionId: string; path: string[]; value: unknown };

export function OutputValue({ executionId, path, value }: Props) {
  const expression = `{{ ${expressionOf(path)} }}`;
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
  const isCut = sizeOf(value) > MOST_BYTES;
  return (
    <section className="output-value" aria-label={path.join(".")}>
      <p className="mono">{expression}</p>
      <Group gap={8} mb={8}>
        <Copy text={expression} label={t("outputs.copyPath")} />
        {isCut && (
          <Button
            variant="default"
            onClick={() => saveFile(new Blob([text]), `${path.join(".")}.txt`)}
          >
            {t("logs.download")}
          </Button>
        )}
      </Group>
      {kindOf(value) === "file" ? (
        <FilePreview executionId={executionId} uri={String(value)} />
      ) : (
        <pre className="mono preview">{valueText(value)}</pre>
      )}
    </section>
  );
}
