/** Connects a repository in two steps: who answers (with a test), then which folder goes where. */

import { Alert, Button, Group, Stack, Switch } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import type { Source } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { BindingFields } from "./binding-fields";
import { bodyOf as bindingBody, NEW_BINDING } from "./binding-values";
import { errorsOf } from "./form-fields";
import { SourceFields } from "./source-fields";
import { bodyOf, NEW_SOURCE, storeSecret } from "./source-values";
import { TestAnswer, useTest } from "./test-answer";

const OF_SOURCE = new Set(Object.keys(bodyOf(NEW_SOURCE)));

export function ConnectForm({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const [step, setStep] = useState<"source" | "binding">("source");
  const [source, setSource] = useState(NEW_SOURCE);
  const [binding, setBinding] = useState(NEW_BINDING);
  const [atOnce, setAtOnce] = useState(true);
  const test = useTest();
  const act = useAct({
    act: async () => {
      await storeSecret(source);
      const json = { ...bodyOf(source), binding: bindingBody(binding), sync: atOnce };
      return call<Source>("POST", "/gitops/sources", { json });
    },
    done: (made) => {
      onDone();
      const first = made.bindings[0]?.name;
      if (first) void navigate({ to: `/main/git/${first}/status` as never });
      return t("git.connected", { name: made.name });
    },
    stale: [["sources"], ["bindings"]],
  });
  const errors = errorsOf(act.error ?? test.error);
  const isOfSource = Object.keys(errors).some((name) => OF_SOURCE.has(name) && name !== "name");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (step === "source") setStep("binding");
    else act.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <p className="muted">{t(`git.step.${step}`)}</p>
        {act.error && (
          <Alert color="red" role="alert" title={act.error.message}>
            {step === "binding" && isOfSource && t("git.lookBack")}
          </Alert>
        )}
        {step === "source" ? (
          <SourceFields
            form={{ values: source, errors, change: (part) => setSource({ ...source, ...part }) }}
            isNew
            branches={test.data?.branches ?? []}
          />
        ) : (
          <>
            <BindingFields
              form={{
                values: binding,
                errors,
                change: (part) => setBinding({ ...binding, ...part }),
              }}
              isNew
              files={test.data?.files}
            />
            <Switch
              label={t("git.atOnce")}
              description={t("git.atOnceHint")}
              checked={atOnce}
              onChange={(event) => setAtOnce(event.currentTarget.checked)}
            />
          </>
        )}
        {step === "source" && <TestAnswer test={test} values={source} onTrust={setSource} />}
        <Group justify="space-between">
          {step === "source" ? (
            <Button
              variant="default"
              loading={test.isPending}
              disabled={!source.url}
              onClick={() => test.mutate(source)}
            >
              {t("git.test")}
            </Button>
          ) : (
            <Button variant="default" onClick={() => setStep("source")}>
              {t("git.back")}
            </Button>
          )}
          <Button type="submit" loading={act.isPending}>
            {t(step === "source" ? "git.next" : "git.connect")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
