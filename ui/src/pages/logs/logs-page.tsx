/** The log lines of all executions, newest first. */

import { Page } from "../../design/page";
import { t } from "../../i18n";
import { AllLines } from "../../logs/all-lines";

export default function LogsPage() {
  return (
    <Page title={t("nav.logs")}>
      <AllLines />
    </Page>
  );
}
