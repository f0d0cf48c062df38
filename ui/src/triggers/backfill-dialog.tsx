/** Runs a schedule for a time in the past, after showing which dates that would be. */

import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import type { Backfill, BackfillPreview } from "../api/types-more";
import { useAct } from "../design/receipt";
import { absoluteText } from "../design/time";
import { LAST_MOMENT, momentIn, zone as ownZone } from "../design/zone";
import { t } from "../i18n";
import { inputsOf } from "./progress";

type Order = NonNullable<Backfill["order"]>;
/** How long nothing is typed before the dates are asked for. */
const TYPED_MS = 300;
const ORDERS: Order[] = ["OLDEST_FIRST", "NEWEST_FIRST"];

type Place = { namespace: string; flowId: string; triggerId: string };
type Props = {
  opened: boolean;
  onClose: () => void;
  place: Place;
  /** The schedule's own; without one times are those of the person's. */
  zone?: string;
};

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

/** `key: value` pairs out of `a:b, c:d`. */
export function labelsOf(text: string): { key: string; value: string }[] {
  return text
    .split(",")
    .map((pair) => pair.split(":"))
    .filter(([key, value]) => key?.trim() && value !== undefined)
    .map(([key, ...value]) => ({ key: (key ?? "").trim(), value: value.join(":").trim() }));
}

function Form({ onClose, place, zone = ownZone() }: Props) {
  const iso = (local: string) => momentIn(local, zone);
  const [inputs, setInputs] = useState("");
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [labels, setLabels] = useState("");
  const [order, setOrder] = useState<Order>("OLDEST_FIRST");
  const [limit, setLimit] = useState<number | string>("");
  const range = start ? { start: iso(start), end: end ? iso(end) : undefined, order } : null;
  const wanted = JSON.stringify(range);
  const [asked] = useDebouncedValue(wanted, TYPED_MS);
  const preview = useQuery({
    queryKey: ["backfill", place, asked],
    enabled: range !== null && asked === wanted,
    retry: false,
    queryFn: ({ signal }) =>
      call<BackfillPreview>(
        "POST",
        `/triggers/${place.namespace}/${place.flowId}/${place.triggerId}/backfill/preview`,
        { signal, json: JSON.parse(asked) },
      ),
  });
  const create = useAct({
    act: () =>
      call("PUT", "/triggers/backfill/create", {
        json: {
          ...place,
          backfill: {
            ...range,
            concurrencyLimit: limit === "" ? undefined : limit,
            labels: labelsOf(labels),
            inputs: inputsOf(inputs),
          },
        },
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
        <p className="muted">{t("backfill.lead", { zone })}</p>
        <Moments label={t("backfill.start")} value={start} onChange={setStart} required />
        <Moments label={t("backfill.end")} value={end} onChange={setEnd} />
        <Group grow align="start">
          <Select
            label={t("backfill.order")}
            data={ORDERS.map((value) => ({ value, label: t(`backfill.order.${value}`) }))}
            allowDeselect={false}
            value={order}
            onChange={(value) => setOrder(value as Order)}
          />
          <NumberInput
            label={t("backfill.limit")}
            description={t("backfill.limitHint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            min={1}
            max={1000}
            allowDecimal={false}
            value={limit}
            onChange={setLimit}
          />
        </Group>
        <TextInput
          label={t("run.labels")}
          placeholder="team:data"
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
        />
        <Textarea
          label={t("backfill.inputs")}
          placeholder="day: monday"
          autosize
          minRows={2}
          value={inputs}
          onChange={(event) => setInputs(event.currentTarget.value)}
        />
        {preview.error && <Alert color="red" role="alert" title={preview.error.message} />}
        {preview.data && <Dates preview={preview.data} zone={zone} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            loading={create.isPending}
            disabled={asked !== wanted || !preview.data?.count || preview.data.isCut}
          >
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
      max={LAST_MOMENT}
      label={label}
      required={required}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const SHOWN = 5;

/** How many dates, and the first and last of them; more than the limit are refused. */
function Dates({ preview, zone }: { preview: BackfillPreview; zone: string }) {
  const { count, instants, last, isCut } = preview;
  if (isCut) {
    return <Alert color="red" role="alert" title={t("backfill.tooMany", { count })} />;
  }
  const ends = last.slice(-Math.max(0, Math.min(SHOWN, count - SHOWN)));
  const between = count - SHOWN - ends.length;
  return (
    <div role="status">
      <strong>{t("backfill.count", { count })}</strong>
      <ul>
        {instants.slice(0, SHOWN).map((instant) => (
          <li key={instant}>{absoluteText(instant, zone)}</li>
        ))}
        {between > 0 && <li className="muted">{t("backfill.more", { count: between })}</li>}
        {count > SHOWN &&
          ends.map((instant) => <li key={instant}>{absoluteText(instant, zone)}</li>)}
      </ul>
      <p className="muted">{t("backfill.background")}</p>
    </div>
  );
}
