/** Three ways to begin, where there is nothing yet. */

import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { t } from "../i18n";

export function Begin() {
  return (
    <>
      <p>{t("begin.lead")}</p>
      <Group gap={8}>
        <Button component={Link} to="/main/flows/new">
          {t("palette.newFlow")}
        </Button>
        <Button component={Link} variant="default" to={"/main/git/sources?connect=true" as never}>
          {t("git.connect")}
        </Button>
        <Button component={Link} variant="default" to="/main/blueprints">
          {t("begin.blueprints")}
        </Button>
      </Group>
    </>
  );
}
