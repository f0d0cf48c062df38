/** What an expression gives in the text as it stands, with the inputs of the form beside it. */

import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import { valueText } from "../../design/values";
import type { Filled } from "../../forms/inputs";
import { t } from "../../i18n";

type Outcome = { result?: unknown; error?: string };
type Props = { text: string; filled: Filled };

export function RenderConsole({ text, filled }: Props) {
  const [expression, setExpression] = useState("{{ inputs }}");
  const render = useMutation({
    mutationFn: () =>
      call<{ results: Outcome[] }>("POST", "/expressions/render", {
        json: { flow: text, inputs: textsIn(filled), expressions: [expression] },
      }),
  });
  const found = render.data?.results[0];
  return (
    <Stack className="panel-body" gap={8}>
      <Textarea
        label={t("render.expression")}
        description={t("render.hint")}
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={expression}
        onChange={(event) => setExpression(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) render.mutate();
        }}
      />
      <Group>
        <Button loading={render.isPending} onClick={() => render.mutate()}>
          {t("render.do")}
        </Button>
      </Group>
      {(render.error || found?.error) && (
        <Alert color="red" role="alert" title={t("render.failed")}>
          {render.error?.message ?? found?.error}
        </Alert>
      )}
      {found && !found.error && (
        <pre className="mono render-result" role="status">
          {valueText(found.result)}
        </pre>
      )}
    </Stack>
  );
}

/** Files and empty fields are no values that an expression could show. */
const textsIn = (filled: Filled) =>
  Object.fromEntries(
    Object.entries(filled).filter(([, value]) => typeof value === "string" && value !== ""),
  );
