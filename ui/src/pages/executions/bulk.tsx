/** What can be done to several executions at once: to those chosen, or to all that the filter finds. */

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Query } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import { Confirm } from "../../design/confirm";
import { type Filter, queryOf } from "../../design/filter/tokens";
import { useAct } from "../../design/receipt";
import { type Key, t } from "../../i18n";
import { MANY, type Many, pathOf, statesFor } from "./many";

type Props = {
  rows: Execution[];
  total: number;
  filters: readonly Filter[];
  onDone: () => void;
};

export function Bulk({ rows, total, filters, onDone }: Props) {
  const [isAll, setAll] = useState(false);
  return (
    <Group gap={8}>
      <span className="muted">
        {isAll ? t("executions.allChosen", { total }) : t("table.selected", { count: rows.length })}
      </span>
      {total > rows.length && (
        <Button variant="subtle" onClick={() => setAll(!isAll)}>
          {isAll ? t("executions.onlyChosen") : t("executions.chooseAll", { total })}
        </Button>
      )}
      {isAll
        ? MANY.map((many) => (
            <OfAll key={many.name} many={many} filters={filters} onDone={onDone} />
          ))
        : MANY.filter(({ fits }) => rows.every(({ state }) => fits(state.current))).map((many) => (
            <OfChosen key={many.name} many={many} rows={rows} onDone={onDone} />
          ))}
    </Group>
  );
}

const label = ({ name }: Many) => t(`executions.many.${name}` as Key);

type Asked = { path: string; query?: Query; json?: unknown; count: number };

function useMany({ method }: Many, onDone: () => void) {
  return useAct({
    act: async ({ path, query, json, count }: Asked) => {
      const done = await call<{ count: number }>(method, path, { query, json });
      return { done: done.count, asked: count };
    },
    done: (result) => {
      onDone();
      return t("triggers.bulkDone", result);
    },
    stale: [["executions"]],
  });
}

type ChosenProps = { many: Many; rows: Execution[]; onDone: () => void };

function OfChosen({ many, rows, onDone }: ChosenProps) {
  const act = useMany(many, onDone);
  const json = rows.map(({ id }) => id);
  const run = () => act.mutate({ path: pathOf(many, "ids"), json, count: json.length });
  const button = (onClick: () => void) => (
    <Button variant="default" loading={act.isPending} onClick={onClick}>
      {label(many)}
    </Button>
  );
  if (!many.isFinal) return button(run);
  return (
    <Confirm
      title={label(many)}
      text={t("executions.deleteText", { count: rows.length })}
      action={label(many)}
      onConfirm={run}
    >
      {button}
    </Confirm>
  );
}

/** Counts first what it would reach, and asks; those that the act does not fit are left alone. */
function OfAll({ many, filters, onDone }: Omit<Props, "rows" | "total"> & { many: Many }) {
  const act = useMany(many, onDone);
  const states = statesFor(many, filters);
  const others = filters.filter(({ field, op }) => field !== "state" || op.startsWith("NOT"));
  const query = { ...queryOf(others), "filters[state][IN]": states };
  const counted = useQuery({
    queryKey: ["executions", "counted", query],
    enabled: false,
    queryFn: ({ signal }) =>
      call<Page<Execution>>("GET", "/executions/search", { signal, query: { ...query, size: 1 } }),
  });
  if (!states) return null;
  const count = counted.data?.total ?? 0;
  return (
    <Confirm
      title={label(many)}
      text={t(many.isFinal ? "executions.deleteText" : "executions.manyText", { count })}
      action={label(many)}
      disabled={count === 0}
      onConfirm={() => act.mutate({ path: pathOf(many, "query"), query, count })}
    >
      {(open) => (
        <Button
          variant="default"
          loading={act.isPending || counted.isFetching}
          onClick={() => counted.refetch().then(open)}
        >
          {label(many)}
        </Button>
      )}
    </Confirm>
  );
}
