/** Runs what is saved and shows how it goes beside the text; such runs count in no statistics. */

import { Alert, Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Execution, Flow } from "../../api/types";
import { upload } from "../../api/upload";
import { type Filled, flatOf, formOf, type Input } from "../../forms/inputs";
import { Watch } from "../../forms/watch";
import { t } from "../../i18n";

type Props = {
  /** What is saved, if anything is. */
  flow?: Flow;
  dirty: boolean;
  filled: Filled;
};

export function TestRun({ flow, dirty, filled }: Props) {
  const start = useMutation({
    mutationFn: ({ namespace, id, inputs }: Flow) => {
      const form = formOf(flatOf((inputs ?? []) as Input[]), filled);
      const query = { kind: "TEST" };
      return upload<Execution>(`/executions/${namespace}/${id}`, form, { query });
    },
  });
  if (!flow) return <p className="panel-body muted">{t("test.unsaved")}</p>;
  return (
    <Stack className="panel-body" gap={12}>
      <p className="muted">{t("test.lead")}</p>
      {dirty && <Alert color="yellow" title={t("test.dirty", { revision: flow.revision })} />}
      <Group>
        <Button
          loading={start.isPending}
          disabled={flow.disabled}
          onClick={() => start.mutate(flow)}
        >
          {t("test.run", { revision: flow.revision })}
        </Button>
      </Group>
      {start.error && <Alert color="red" role="alert" title={start.error.message} />}
      {start.data && <Watch key={start.data.id} execution={start.data} />}
    </Stack>
  );
}
