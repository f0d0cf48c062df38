/** Is all well, and what needs somebody now. */

import { Select } from "@mantine/core";
import { useSession } from "../../api/session";
import { DashboardChoice } from "../../design/dashboard-choice";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { type Key, t } from "../../i18n";
import { Bindings } from "./bindings";
import { Chart } from "./chart";
import { Counts } from "./counts";
import { Failures } from "./failures";
import "./home-page.css";
import { Queues } from "./queues";
import { Upcoming } from "./upcoming";

const RANGES = ["1", "6", "24", "72", "168", "720", "2160"];

export default function HomePage() {
  const [search, change] = useUrl();
  const hours = search.hours ?? "24";
  const may = useSession()?.everywhere ?? [];
  return (
    <Page
      title={t("nav.home")}
      actions={
        <>
          <Select
            aria-label={t("home.range")}
            data={RANGES.map((value) => ({ value, label: t(`home.range.${value}` as Key) }))}
            value={hours}
            allowDeselect={false}
            onChange={(value) => change({ hours: value ?? undefined })}
          />
          <DashboardChoice chosen="" />
        </>
      }
    >
      <Counts hours={Number(hours)} />
      <Chart hours={Number(hours)} />
      <div className="home-halves">
        <Failures hours={Number(hours)} />
        <Upcoming />
      </div>
      <div className="home-halves">
        {may.includes("git:read") && <Bindings />}
        {may.includes("instance:read") && <Queues />}
      </div>
    </Page>
  );
}
