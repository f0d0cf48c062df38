/** Habits of the person who is logged in, and their tokens. */

import { Group, Select, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { Page } from "../../design/page";
import { Panel } from "../../design/panel";
import { TokenPanel } from "../../design/token-panel";
import { setZone, zone } from "../../design/zone";
import { t } from "../../i18n";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];

export default function SettingsPage() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [chosen, setChosen] = useState(zone());
  const choose = (name: string | null) => {
    setZone(name);
    setChosen(zone());
  };
  return (
    <Page title={t("nav.settings")}>
      <Panel title={t("settings.look")}>
        <Group className="panel-body" align="end">
          <Select
            label={t("settings.theme")}
            allowDeselect={false}
            data={[
              { value: "auto", label: t("settings.auto") },
              { value: "light", label: t("settings.light") },
              { value: "dark", label: t("settings.dark") },
            ]}
            value={colorScheme}
            onChange={(value) => setColorScheme((value ?? "auto") as "auto" | "light" | "dark")}
          />
          <Select
            label={t("settings.zone")}
            description={t("settings.zoneHint")}
            searchable
            clearable
            limit={50}
            data={ZONES.includes(chosen) ? ZONES : [chosen, ...ZONES]}
            value={chosen}
            onChange={choose}
          />
        </Group>
      </Panel>
      <TokenPanel path="/me/api-tokens" />
    </Page>
  );
}
