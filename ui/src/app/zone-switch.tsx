/** In which zone times are shown: mine, UTC, or that of the triggers of the page. */

import { Button, Menu } from "@mantine/core";
import { Globe } from "lucide-react";
import { myZone, switchZone, useTriggerZone, useZone } from "../design/zone";
import { t } from "../i18n";

/** `Paris` of `Europe/Paris`: the header is short. */
const shortOf = (zone: string) => zone.replace(/^.*\//, "").replaceAll("_", " ");

export function ZoneSwitch() {
  const shown = useZone();
  const ofTrigger = useTriggerZone();
  const choices: [string, string | undefined, string][] = [
    [t("zone.mine", { zone: myZone() }), undefined, myZone()],
    [t("zone.utc"), "UTC", "UTC"],
    ...(ofTrigger
      ? [[t("zone.trigger", { zone: ofTrigger }), ofTrigger, ofTrigger] as [string, string, string]]
      : []),
  ];
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="subtle"
          className="zone-switch"
          leftSection={<Globe size={14} aria-hidden="true" />}
          aria-label={t("zone.shown", { zone: shown })}
        >
          <span className="narrow-hidden">{shortOf(shown)}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("zone.label")}</Menu.Label>
        {choices.map(([label, name, zone]) => (
          <Menu.Item
            key={label}
            onClick={() => switchZone(name)}
            aria-current={zone === shown || undefined}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
