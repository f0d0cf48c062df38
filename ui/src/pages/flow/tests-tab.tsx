/** The test suites of a flow. */

import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Flow } from "../../api/types";
import { t } from "../../i18n";
import { SuiteList } from "../../suites/suite-list";

export function TestsTab({ flow }: { flow: Flow }) {
  const { namespace, id } = flow;
  const begin = `/main/tests/new?namespace=${namespace}&flow=${id}`;
  return (
    <>
      <Group>
        <Button component={Link} variant="default" to={begin as never}>
          {t("suites.new")}
        </Button>
      </Group>
      <SuiteList
        query={{ "filters[namespace][EQUALS]": namespace, "filters[flowId][EQUALS]": id }}
        empty={t("suites.noneOfFlow")}
        without={["namespace", "flow"]}
      />
    </>
  );
}
