/** The test suites of all flows. */

import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { FilterBox } from "../../design/filter-box";
import { Page } from "../../design/page";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { SuiteList } from "../../suites/suite-list";
import { RunAll } from "./run-all";

export default function TestsPage() {
  const [search] = useUrl();
  const filters = {
    "filters[q][EQUALS]": search.q,
    "filters[namespace][PREFIX]": search.namespace,
  };
  const isFiltered = Boolean(search.q || search.namespace);
  return (
    <Page
      title={t("nav.tests")}
      actions={
        <>
          <RunAll filters={filters} />
          <Button component={Link} to="/main/tests/new">
            {t("suites.new")}
          </Button>
        </>
      }
    >
      <Group align="end">
        <FilterBox name="q" label={t("filter.text")} />
        <FilterBox name="namespace" label={t("filter.namespace")} />
      </Group>
      <SuiteList query={filters} empty={t(isFiltered ? "suites.noneFits" : "suites.empty")} />
    </Page>
  );
}
