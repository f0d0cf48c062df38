/** Of which revision, when and with which labels a flow is run. */

import { Group, NumberInput, TextInput } from "@mantine/core";
import { LAST_MOMENT } from "../design/zone";
import { t } from "../i18n";

export type When = {
  labels: string;
  /** Local date and time; empty: now. */
  at: string;
};

type Props = {
  when: When;
  onChange: (when: When) => void;
  latest: number;
  revision?: number;
  onRevision: (revision: number | undefined) => void;
};

export function RunWhen({ when, onChange, latest, revision, onRevision }: Props) {
  const take = (value: string | number) => {
    const number = Number(value);
    onRevision(value === "" || number === latest || number < 1 ? undefined : number);
  };
  return (
    <>
      <TextInput
        label={t("run.labels")}
        placeholder="team:data, day:monday"
        value={when.labels}
        onChange={(event) => onChange({ ...when, labels: event.currentTarget.value })}
      />
      <Group grow align="start">
        <TextInput
          type="datetime-local"
          max={LAST_MOMENT}
          label={t("run.at")}
          description={t("run.atHint")}
          value={when.at}
          onChange={(event) => onChange({ ...when, at: event.currentTarget.value })}
        />
        <NumberInput
          label={t("run.revision")}
          description={t("run.revisionHint", { latest })}
          placeholder={String(latest)}
          min={1}
          max={latest}
          clampBehavior="strict"
          allowDecimal={false}
          value={revision ?? ""}
          onChange={take}
        />
      </Group>
    </>
  );
}
