/** What can be done to several triggers at once: to those chosen, or to all that the filter finds. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { call, type Query } from "../../api/client";
import type { Trigger } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { useAct } from "../../design/receipt";
import { type Key, t } from "../../i18n";
import { placeOf } from "../../triggers/trigger-columns";
import { type Act, askedOfList, askedOfQuery } from "./many";

type Props = {
  rows: readonly Trigger[];
  total: number;
  query: Query;
  acts: readonly Act[];
  onDone: () => void;
};

export function Bulk({ rows, total, query, acts, onDone }: Props) {
  const [isAll, setAll] = useState(false);
  const count = isAll ? total : rows.length;
  const act = useAct({
    act: (name: Act) => {
      const places = rows.map((row) => placeOf(row.state));
      const { path, ...rest } = isAll ? askedOfQuery(name, query) : askedOfList(name, places);
      return call<{ count: number }>("POST", path, rest);
    },
    done: (result) => {
      onDone();
      return t("triggers.bulkDone", { done: result.count, asked: count });
    },
    stale: [["triggers"]],
  });
  return (
    <Group gap={8}>
      <span className="muted" role="status">
        {isAll ? t("executions.allChosen", { total }) : t("table.selected", { count })}
      </span>
      {total > rows.length && (
        <Button variant="subtle" onClick={() => setAll(!isAll)}>
          {isAll ? t("executions.onlyChosen") : t("executions.chooseAll", { total })}
        </Button>
      )}
      {acts.map((name) => (
        <Confirm
          key={name}
          title={t(`triggers.many.${name}` as Key)}
          text={t("triggers.manyText", { count })}
          action={t(`triggers.many.${name}` as Key)}
          onConfirm={() => act.mutate(name)}
        >
          {(open) => (
            <Button
              variant="default"
              disabled={act.isPending}
              onClick={isAll || name === "end" ? open : () => act.mutate(name)}
            >
              {t(`triggers.many.${name}` as Key)}
            </Button>
          )}
        </Confirm>
      ))}
    </Group>
  );
}
