/** What is shown where nothing is, and where a page failed. */

import { Button } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Page } from "../design/page";
import { Elsewhere } from "../design/panel";
import { t } from "../i18n";

export default function NotFound() {
  return (
    <Page title={t("app.notFound")}>
      <Elsewhere />
    </Page>
  );
}

export function Crashed({ error, reset }: ErrorComponentProps) {
  return (
    <Page title={t("app.crashed")}>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <div>
        <Button onClick={reset}>{t("panel.retry")}</Button>
      </div>
    </Page>
  );
}
