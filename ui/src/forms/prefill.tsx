/** Fills a form with the inputs of a past execution; secrets and files are not kept to be shown. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../api/client";
import type { Execution, Flow, Page } from "../api/types";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import { type Filled, type Input, usedOf } from "./inputs";

const MOST = 20;

type Props = {
  flow: Flow;
  inputs: readonly Input[];
  /** An execution to begin with. */
  first?: string;
  onFill: (filled: Filled) => void;
};

export function Prefill({ flow, inputs, first, onFill }: Props) {
  const [chosen, setChosen] = useState<string | null>(first ?? null);
  const [isAsked, setIsAsked] = useState(false);
  const past = useQuery({
    queryKey: ["executions", flow.namespace, flow.id, "past"],
    enabled: isAsked,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", {
        signal,
        query: {
          "filters[namespace][EQUALS]": flow.namespace,
          "filters[flowId][EQUALS]": flow.id,
          sort: "state.startDate:desc",
          size: MOST,
        },
      }),
  });
  const taken = useQuery({
    queryKey: ["inputsOf", chosen],
    enabled: chosen !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Execution>("GET", `/executions/${chosen}`, { signal }),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each execution that is chosen
  useEffect(() => {
    if (taken.data) onFill(usedOf(inputs, taken.data.inputs ?? {}));
  }, [taken.data]);
  const choices = (past.data?.results ?? []).map(({ id, state }) => ({
    value: id,
    label: `${absoluteText(state.startDate, zone())} ${state.current} ${id}`,
  }));
  if (first && !choices.some(({ value }) => value === first)) {
    choices.unshift({ value: first, label: first });
  }
  return (
    <Select
      label={t("run.prefill")}
      description={t("run.prefillHint")}
      placeholder={t("run.prefillNone")}
      clearable
      searchable
      data={choices}
      nothingFoundMessage={past.isFetching ? t("panel.loading") : t("flow.neverRan")}
      value={chosen}
      onDropdownOpen={() => setIsAsked(true)}
      onChange={setChosen}
    />
  );
}
