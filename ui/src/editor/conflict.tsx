/** Somebody saved meanwhile: what they changed, what you changed, and three ways on. */

import { Alert, Button, Group, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Confirm } from "../design/confirm";
import { DiffView } from "../design/diff-view";
import { t } from "../i18n";

type Props = {
  base: string;
  theirs: string;
  mine: string;
  /** The number of their revision. */
  revision: number;
  busy: boolean;
  onTake: () => void;
  onByHand: () => void;
  onSave: () => void;
};

export function Conflict({ base, theirs, mine, revision, busy, ...on }: Props) {
  const [sides, setSides] = useState("both");
  const shown = {
    both: [theirs, mine],
    theirs: [base, theirs],
    mine: [base, mine],
  }[sides] ?? [theirs, mine];
  return (
    <Alert color="yellow" role="alertdialog" title={t("conflict.title", { revision })}>
      <p>{t("conflict.lead")}</p>
      <SegmentedControl
        aria-label={t("conflict.sides")}
        size="xs"
        value={sides}
        onChange={setSides}
        data={["both", "theirs", "mine"].map((value) => ({
          value,
          label: t(`conflict.${value}` as "conflict.both"),
        }))}
      />
      <div className="panel conflict-diff">
        <DiffView left={shown[0] ?? ""} right={shown[1] ?? ""} />
      </div>
      <Group gap={8}>
        <Button onClick={on.onTake}>{t("conflict.take")}</Button>
        <Button variant="default" onClick={on.onByHand}>
          {t("conflict.byHand")}
        </Button>
        <Confirm
          title={t("conflict.save")}
          text={t("conflict.saveText", { revision })}
          action={t("conflict.saveDo")}
          loading={busy}
          onConfirm={on.onSave}
        >
          {(open) => (
            <Button variant="default" loading={busy} onClick={open}>
              {t("conflict.save")}
            </Button>
          )}
        </Confirm>
      </Group>
      <p className="muted">{t("conflict.byHandHint")}</p>
    </Alert>
  );
}
