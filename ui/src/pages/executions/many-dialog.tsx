/** Asks before many executions are changed: how many it reaches, and what has to be said first. */

import { Button, Group, Modal, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { TextField } from "../../design/text-field";
import { type Key, t } from "../../i18n";
import { ENDS, isSaid, type Many, type Said } from "./many";

export const labelOf = ({ name }: Many) => t(`executions.many.${name}` as Key);

type Props = {
  many: Many;
  count: number;
  /** All that match, not only those chosen. */
  isAll: boolean;
  onClose: () => void;
  onConfirm: (said: Said) => void;
};

export function ManyDialog({ many, count, isAll, onClose, onConfirm }: Props) {
  const [said, setSaid] = useState<Said>({ state: "SUCCESS", key: "", value: "" });
  const say = (part: Partial<Said>) => setSaid({ ...said, ...part });
  const text = many.isFinal ? "deleteText" : isAll ? "manyText" : "chosenText";
  return (
    <Modal opened onClose={onClose} title={labelOf(many)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm(said);
        }}
      >
        <Stack gap={12}>
          <p>{t(`executions.${text}` as Key, { count })}</p>
          {many.asks === "state" && (
            <Select
              label={t("executions.newState")}
              data={ENDS}
              value={said.state}
              allowDeselect={false}
              onChange={(state) => state && say({ state })}
            />
          )}
          {many.asks === "label" && (
            <>
              <TextField
                data-autofocus
                label={t("kv.key")}
                required
                value={said.key}
                onChange={(key) => say({ key })}
              />
              <TextField
                label={t("kv.value")}
                required
                value={said.value}
                onChange={(value) => say({ value })}
              />
            </>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel")}
            </Button>
            <Button
              type="submit"
              color={many.isFinal ? "red" : undefined}
              disabled={count === 0 || !isSaid(many, said)}
            >
              {labelOf(many)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
