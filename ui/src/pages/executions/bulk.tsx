/** What can be done to several executions at once: to those chosen, or to all that the filter finds. */

import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "../../api/client";
import type { Execution, Page } from "../../api/types";
import { type Filter, queryOf } from "../../design/filter/tokens";
import { tell, tellFailure } from "../../design/receipt";
import { t } from "../../i18n";
import {
  type Asked,
  askedOfIds,
  askedOfQuery,
  MANY,
  type Many,
  refusedOf,
  type Said,
  statesFor,
} from "./many";
import { labelOf, ManyDialog } from "./many-dialog";
import { type Refusal, Refused } from "./refused";

const NOTHING: Said = { state: "SUCCESS", key: "", value: "" };

type Props = {
  rows: Execution[];
  total: number;
  filters: readonly Filter[];
  onDone: () => void;
};

/** An act with what it reaches, asked about in a dialog. */
type Question = { many: Many; count: number; call: (said: Said) => Asked };

export function Bulk({ rows, total, filters, onDone }: Props) {
  const [isAll, setAll] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const { act, refusal, setRefusal } = useMany(onDone);
  const ids = rows.map(({ id }) => id);
  const ask = useMutation({
    mutationFn: async (many: Many): Promise<Question> => {
      if (!isAll) {
        const onIds = (said: Said) => askedOfIds(many, ids, said);
        return { many, count: ids.length, call: onIds };
      }
      const query = reached(many, filters);
      const found = await call<Page<Execution>>("GET", "/executions/search", {
        query: { ...query, size: 1 },
      });
      return { many, count: found.total, call: (said) => askedOfQuery(many, query, said) };
    },
    onSuccess: (found) => {
      if (isAll || found.many.isFinal || found.many.asks) setQuestion(found);
      else act.mutate({ ...found, said: NOTHING, ids });
    },
    onError: tellFailure,
  });
  const fitting = isAll
    ? MANY.filter((many) => statesFor(many, filters))
    : MANY.filter(({ fits }) => rows.every(({ state }) => fits(state.current)));
  const isBusy = (many: Many) =>
    (ask.isPending && ask.variables === many) || (act.isPending && act.variables.many === many);
  return (
    <Group gap={8}>
      <span className="muted" role="status">
        {isAll ? t("executions.allChosen", { total }) : t("table.selected", { count: rows.length })}
      </span>
      {total > rows.length && (
        <Button variant="subtle" onClick={() => setAll(!isAll)}>
          {isAll ? t("executions.onlyChosen") : t("executions.chooseAll", { total })}
        </Button>
      )}
      {fitting.map((many) => (
        <Button
          key={many.name}
          variant="default"
          loading={isBusy(many)}
          onClick={() => ask.mutate(many)}
        >
          {labelOf(many)}
        </Button>
      ))}
      {fitting.length === 0 && <span className="muted">{t("executions.noneForAll")}</span>}
      {question && (
        <ManyDialog
          many={question.many}
          count={question.count}
          isAll={isAll}
          onClose={() => setQuestion(null)}
          onConfirm={(said) => {
            setQuestion(null);
            act.mutate({ ...question, said, ids: isAll ? undefined : ids });
          }}
        />
      )}
      {refusal && (
        <Refused
          refusal={refusal}
          onClose={() => setRefusal(null)}
          onRest={() => {
            setRefusal(null);
            const { many, said, rest } = refusal;
            const onIds = (again: Said) => askedOfIds(many, rest, again);
            act.mutate({ many, count: rest.length, call: onIds, said, ids: rest });
          }}
        />
      )}
    </Group>
  );
}

/** The filter with the states that an act fits: the others are left alone. */
function reached(many: Many, filters: readonly Filter[]) {
  const others = filters.filter(({ field, op }) => field !== "state" || op.startsWith("NOT"));
  return { ...queryOf(others), "filters[state][IN]": statesFor(many, filters) };
}

type Told = Question & { said: Said; ids?: readonly string[] };

/** Does an act and tells how many took it; of a refused list, each one with its reason. */
function useMany(onDone: () => void) {
  const client = useQueryClient();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const act = useMutation({
    mutationFn: ({ many, call: asked, said }: Told) => {
      const { path, query, json } = asked(said);
      return call<{ count: number }>(many.method, path, { query, json });
    },
    onSuccess: async ({ count: done }, { count }) => {
      onDone();
      tell(t("triggers.bulkDone", { done, asked: count }));
      await client.invalidateQueries({ queryKey: ["executions"] });
    },
    onError: (error, { many, said, ids = [] }) => {
      const refused = error instanceof ApiError ? refusedOf(error.body) : [];
      if (refused.length === 0) return tellFailure(error);
      const unfit = new Set(refused.map(({ id }) => id));
      setRefusal({ many, said, refused, rest: ids.filter((id) => !unfit.has(id)) });
    },
  });
  return { act, refusal, setRefusal };
}
