/** Copies a text, and says so. */

import { Button, CopyButton } from "@mantine/core";
import { t } from "../i18n";

export function Copy({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="default" onClick={copy}>
          {copied ? t("copy.done") : t("copy.do")}
        </Button>
      )}
    </CopyButton>
  );
}
