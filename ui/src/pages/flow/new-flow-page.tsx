/** A flow that is not there yet. */

import { Page } from "../../design/page";
import { t } from "../../i18n";
import { EditTab } from "./edit-tab";
import "./flow-page.css";

export default function NewFlowPage() {
  return (
    <Page title={t("flows.new")} above={[{ title: t("nav.flows"), to: "/main/flows" }]}>
      <EditTab />
    </Page>
  );
}
