/** Starts a flow: a form made of its inputs, checked by the server while it is filled in. */

import { Button, Checkbox, Drawer, Progress, Stack } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { addressOf, call } from "../api/client";
import type { Execution, Flow } from "../api/types";
import { upload } from "../api/upload";
import { tell } from "../design/receipt";
import { momentIn, ownZone } from "../design/zone";
import { t } from "../i18n";
import { Copies } from "./copies";
import { Fields } from "./fields";
import "./forms.css";
import { carriedOver, type Filled, firstOf, flatOf, formOf, type Input } from "./inputs";
import { Prefill } from "./prefill";
import { RunWhen, type When } from "./run-when";
import { useChecked } from "./use-checked";
import { Watch } from "./watch";

type Props = {
  flow: Flow;
  opened: boolean;
  onClose: () => void;
  /** An execution whose inputs fill the form at first. */
  prefill?: string;
};

export function RunForm({ flow, opened, onClose, prefill }: Props) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      keepMounted
      title={t("run.title", { flow: flow.id })}
    >
      <Revision key={flow.revision} flow={flow} prefill={prefill} />
    </Drawer>
  );
}

type RevisionProps = { flow: Flow; prefill?: string };

/** The form of the revision that is chosen: it may ask for other inputs than the latest. */
function Revision({ flow, prefill }: RevisionProps) {
  const [revision, setRevision] = useState<number>();
  const older = useQuery({
    queryKey: ["flowRevision", flow.namespace, flow.id, revision],
    enabled: revision !== undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      call<Flow>("GET", `/flows/${flow.namespace}/${flow.id}`, { signal, query: { revision } }),
  });
  const shown = revision === undefined ? flow : older.data;
  return (
    <Form
      flow={shown ?? flow}
      latest={flow.revision}
      revision={revision}
      onRevision={setRevision}
      prefill={prefill}
    />
  );
}

type FormProps = RevisionProps & {
  latest: number;
  revision?: number;
  onRevision: (revision: number | undefined) => void;
};

function Form({ flow, latest, revision, onRevision, prefill }: FormProps) {
  const inputs = flatOf((flow.inputs ?? []) as Input[]);
  const [asked, setAsked] = useState({ revision: flow.revision, inputs });
  const navigate = useNavigate();
  const [filled, setFilled] = useState<Filled>(() => firstOf(inputs));
  if (asked.revision !== flow.revision) {
    setAsked({ revision: flow.revision, inputs });
    setFilled(carriedOver(asked.inputs, filled, inputs)); // nothing that was typed is lost
  }
  const [when, setWhen] = useState<When>({ labels: "", at: "" });
  const [waits, setWaits] = useState(false);
  const [part, setPart] = useState(0);
  const path = `/executions/${flow.namespace}/${flow.id}`;
  const { checked, isFirst } = useChecked(path, inputs, filled, revision);
  const counted = inputs.filter(({ id }) => checked[id]?.enabled !== false);
  const labels = labelsOf(when.labels);
  const scheduleDate = when.at ? momentIn(when.at, ownZone) : undefined;
  const query = { labels, revision, scheduleDate };
  const largest = useLargest();
  const start = useMutation({
    mutationFn: () =>
      upload<Execution>(path, formOf(counted, filled), { query, onProgress: setPart }),
    onSuccess: (made) => {
      tell(t("run.started", { id: made.id }));
      if (waits) return;
      void navigate({
        to: `/main/executions/${made.namespace}/${made.flowId}/${made.id}/gantt` as never,
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setPart(0);
    start.mutate();
  };
  const hasFile = Object.values(filled).some((value) => value instanceof File);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap={12}>
        {inputs.length === 0 ? (
          <p className="muted">{t("run.noInputs")}</p>
        ) : (
          <Prefill flow={flow} inputs={inputs} first={prefill} onFill={setFilled} />
        )}
        <Fields
          inputs={inputs}
          filled={filled}
          error={start.error}
          checked={checked}
          isFirst={isFirst}
          largest={largest}
          onChange={setFilled}
        />
        <RunWhen
          when={when}
          onChange={setWhen}
          latest={latest}
          revision={revision}
          onRevision={onRevision}
        />
        <Checkbox
          label={t("run.wait")}
          checked={waits}
          onChange={(event) => setWaits(event.currentTarget.checked)}
        />
        {start.isPending && hasFile && (
          <Progress value={100 * part} aria-label={t("run.sent")} striped={part === 1} />
        )}
        <Button type="submit" loading={start.isPending}>
          {t("flow.run")}
        </Button>
        {waits && start.data && <Watch execution={start.data} />}
        <Copies
          address={addressOf(path, query)}
          run={{
            server: new URL("..", document.baseURI).href.replace(/\/$/, ""),
            namespace: flow.namespace,
            flow: flow.id,
            labels,
            revision,
            scheduleDate,
            wait: waits,
          }}
          inputs={counted}
          filled={filled}
        />
      </Stack>
    </form>
  );
}

/** Bytes of the largest file that the server takes. */
export function useLargest(): number | undefined {
  const query = useQuery({
    queryKey: ["configs"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      call<{ maxUploadBytes?: number }>("GET", "//api/v1/configs", { signal }),
  });
  return query.data?.maxUploadBytes;
}

const labelsOf = (text: string) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
