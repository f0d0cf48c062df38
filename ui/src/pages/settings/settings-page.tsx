/** Habits of the person who is logged in, and their tokens. */

import { Select, SimpleGrid, Switch } from "@mantine/core";
import { DESTINATIONS } from "../../app/navigation";
import { LEVELS } from "../../design/filter/fields";
import { type Look, useLook } from "../../design/look";
import { Page } from "../../design/page";
import { Panel } from "../../design/panel";
import { TokenPanel } from "../../design/token-panel";
import { useSetLook } from "../../design/use-look";
import { type Key, LANGUAGES, t } from "../../i18n";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
const RANGES = ["PT1H", "PT6H", "PT24H", "P3D", "P7D", "P30D", "P90D"];
const FONTS = ["11", "12", "13", "14", "16", "18", "20"];

type Choice = { value: string; label: string };
const named = (prefix: string, values: readonly string[]): Choice[] =>
  values.map((value) => ({ value, label: t(`${prefix}.${value}` as Key) }));

export default function SettingsPage() {
  const kept = useLook();
  const set = useSetLook();
  const select = (name: keyof Look, usual: string, data: readonly (Choice | string)[]) => (
    <Select
      label={t(`settings.${name}` as Key)}
      allowDeselect={false}
      data={data}
      value={String(kept[name] ?? usual)}
      onChange={(value) => set({ [name]: value === usual ? undefined : value })}
    />
  );
  const languages = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));
  return (
    <Page title={t("nav.settings")}>
      <Panel title={t("settings.look")}>
        <SimpleGrid className="panel-body" cols={{ base: 1, xs: 2, md: 4 }} verticalSpacing={12}>
          {select("theme", "auto", named("settings", ["auto", "light", "dark", "contrast"]))}
          {select("density", "normal", named("settings", ["compact", "normal", "touch"]))}
          {select("motion", "system", named("settings.motions", ["system", "none"]))}
          {select("language", "en", languages)}
        </SimpleGrid>
      </Panel>
      <Panel title={t("settings.times")}>
        <SimpleGrid className="panel-body" cols={{ base: 1, xs: 2, md: 4 }} verticalSpacing={12}>
          <Select
            label={t("settings.zone")}
            description={t("settings.zoneHint")}
            inputWrapperOrder={["label", "input", "description"]}
            searchable
            clearable
            limit={50}
            data={!kept.zone || ZONES.includes(kept.zone) ? ZONES : [kept.zone, ...ZONES]}
            value={kept.zone ?? null}
            onChange={(zone) => set({ zone: zone ?? undefined })}
          />
          {select("dates", "relative", named("settings", ["relative", "absolute", "local"]))}
        </SimpleGrid>
      </Panel>
      <Panel title={t("settings.work")}>
        <SimpleGrid className="panel-body" cols={{ base: 1, xs: 2, md: 4 }} verticalSpacing={12}>
          {select(
            "start",
            "/main/dashboards",
            DESTINATIONS.map(({ to, label }) => ({ value: to, label: t(label) })),
          )}
          {select("logLevel", "INFO", LEVELS)}
          {select("logRange", "PT24H", named("logs.range", RANGES))}
          <Select
            label={t("settings.editorFont")}
            allowDeselect={false}
            data={FONTS}
            value={String(kept.editorFont ?? 13)}
            onChange={(size) => set({ editorFont: Number(size) })}
          />
          <Switch
            label={t("settings.letters")}
            description={t("settings.lettersHint")}
            checked={kept.letters !== false}
            onChange={({ currentTarget }) =>
              set({ letters: currentTarget.checked ? undefined : false })
            }
          />
        </SimpleGrid>
      </Panel>
      <TokenPanel path="/me/api-tokens" />
    </Page>
  );
}
