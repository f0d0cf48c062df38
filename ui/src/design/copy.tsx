/** Copies a text, and says so. */

import { Button, CopyButton } from "@mantine/core";
import { t } from "../i18n";

export function Copy({ text, label = t("copy.do") }: { text: string; label?: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="default" onClick={copy}>
          {copied ? t("copy.done") : label}
        </Button>
      )}
    </CopyButton>
  );
}
