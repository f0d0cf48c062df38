/** Runs a schedule for a time in the past, after showing which dates that would be. */

import { Alert, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { useAct } from "../design/receipt";
import { absoluteText } from "../design/time";
import { momentIn, zone } from "../design/zone";
import { t } from "../i18n";

type Place = { namespace: string; flowId: string; triggerId: string };
type Props = { opened: boolean; onClose: () => void; place: Place };
type Preview = { count: number; instants: string[] };

export function BackfillDialog(props: Props) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t("backfill.title", { name: props.place.triggerId })}
    >
      <Form {...props} />
    </Modal>
  );
}

const iso = (local: string) => momentIn(local, zone());

/** `key: value` pairs out of `a:b, c:d`. */
export function labelsOf(text: string): { key: string; value: string }[] {
  return text
    .split(",")
    .map((pair) => pair.split(":"))
    .filter(([key, value]) => key?.trim() && value !== undefined)
    .map(([key, ...value]) => ({ key: (key ?? "").trim(), value: value.join(":").trim() }));
}

function Form({ onClose, place }: Props) {
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [labels, setLabels] = useState("");
  const range = start ? { start: iso(start), end: end ? iso(end) : undefined } : null;
  const preview = useQuery({
    queryKey: ["backfill", place, range],
    enabled: range !== null,
    retry: false,
    queryFn: ({ signal }) =>
      call<Preview>(
        "POST",
        `/triggers/${place.namespace}/${place.flowId}/${place.triggerId}/backfill/preview`,
        { signal, json: range },
      ),
  });
  const create = useAct({
    act: () =>
      call("PUT", "/triggers/backfill/create", {
        json: { ...place, backfill: { ...range, labels: labelsOf(labels) } },
      }),
    done: () => {
      onClose();
      return t("backfill.started");
    },
    stale: [["triggers"]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <p className="muted">{t("backfill.lead", { zone: zone() })}</p>
        <Moments label={t("backfill.start")} value={start} onChange={setStart} required />
        <Moments label={t("backfill.end")} value={end} onChange={setEnd} />
        <TextInput
          label={t("run.labels")}
          placeholder="team:data"
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
        />
        {preview.error && <Alert color="red" role="alert" title={preview.error.message} />}
        {preview.data && <Dates {...preview.data} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!preview.data?.count}>
            {t("backfill.run", { count: preview.data?.count ?? 0 })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type MomentsProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
};

function Moments({ label, value, onChange, required }: MomentsProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      required={required}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Dates({ count, instants }: Preview) {
  return (
    <div role="status">
      <strong>{t("backfill.count", { count })}</strong>
      <ul>
        {instants.slice(0, 5).map((instant) => (
          <li key={instant}>{absoluteText(instant, zone())}</li>
        ))}
        {count > 5 && <li className="muted">{t("backfill.more", { count: count - 5 })}</li>}
      </ul>
    </div>
  );
}
