/** Those of many executions that cannot take an act, each with the reason; the others can still. */

import { Button, Group, Modal, Stack } from "@mantine/core";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import type { Many, Said } from "./many";
import { labelOf } from "./many-dialog";

export type Refusal = {
  many: Many;
  said: Said;
  refused: { id: string; reason: string }[];
  /** The ids of those that can take it. */
  rest: string[];
};

type Props = { refusal: Refusal; onClose: () => void; onRest: () => void };

export function Refused({ refusal: { many, refused, rest }, onClose, onRest }: Props) {
  return (
    <Modal opened onClose={onClose} title={labelOf(many)} size="lg">
      <Stack gap={12}>
        <p>{t("executions.refused", { count: refused.length })}</p>
        <SimpleTable
          label={t("executions.refusedList")}
          rows={refused}
          rowKey={({ id }) => id}
          columns={[
            {
              id: "id",
              title: t("column.id"),
              cell: ({ id }) => <span className="mono">{id}</span>,
            },
            { id: "reason", title: t("executions.reason"), cell: ({ reason }) => reason },
          ]}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button disabled={rest.length === 0} onClick={onRest}>
            {t("executions.toTheRest", { count: rest.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
