/** Changes the settings of a source or of a binding, or binds a further folder of a source. */

import { Alert, Button, Group, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { call } from "../../api/client";
import type { Binding, Source } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { BindingFields } from "./binding-fields";
import * as binding from "./binding-values";
import { errorsOf } from "./form-fields";
import { SourceFields } from "./source-fields";
import * as source from "./source-values";
import { TestAnswer, useTest } from "./test-answer";

const STALE = [["sources"], ["bindings"], ["binding"], ["resources"], ["plan"]];

export function SourceForm({ row, onDone }: { row: Source; onDone: () => void }) {
  const [values, setValues] = useState(() => source.valuesOf(row));
  const test = useTest();
  const save = useAct({
    act: async () => {
      await source.storeSecret(values);
      return call("PUT", `/gitops/sources/${row.name}`, { json: source.bodyOf(values) });
    },
    done: () => {
      onDone();
      return t("git.saved", { name: row.name });
    },
    stale: STALE,
  });
  const errors = errorsOf(save.error ?? test.error);
  return (
    <Frame error={save.error} busy={save.isPending} onSave={() => save.mutate()}>
      <SourceFields
        form={{ values, errors, change: (part) => setValues({ ...values, ...part }) }}
        isNew={false}
        branches={test.data?.branches ?? []}
      />
      <TestAnswer test={test} values={values} onTrust={setValues} />
      <Group>
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(values)}>
          {t("git.test")}
        </Button>
      </Group>
    </Frame>
  );
}

type BindingProps = { row?: Binding; of?: string; onDone?: () => void };

/** The settings of `row`, or of a further binding of the source `of`. */
export function BindingForm({ row, of, onDone }: BindingProps) {
  const [values, setValues] = useState(() => (row ? binding.valuesOf(row) : binding.NEW_BINDING));
  const save = useAct({
    act: () => {
      const json = binding.bodyOf(values, row?.policy);
      return row
        ? call("PUT", `/gitops/bindings/${row.name}`, { json })
        : call("POST", `/gitops/sources/${of}/bindings`, { json });
    },
    done: () => {
      onDone?.();
      return t("git.saved", { name: row?.name ?? values.path });
    },
    stale: STALE,
  });
  return (
    <Frame error={save.error} busy={save.isPending} onSave={() => save.mutate()}>
      <BindingFields
        form={{
          values,
          errors: errorsOf(save.error),
          change: (part) => setValues({ ...values, ...part }),
        }}
        isNew={row === undefined}
      />
    </Frame>
  );
}

type FrameProps = { error: Error | null; busy: boolean; onSave: () => void; children: ReactNode };

function Frame({ error, busy, onSave, children }: FrameProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        {error && <Alert color="red" role="alert" title={error.message} />}
        {children}
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            {t("editor.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
