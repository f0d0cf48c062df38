/** Acts on many flows that tell of each what became of it: run, label. */

import { Alert, Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { call, type Query } from "../../api/client";
import type { FlowsDone } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { type Key, t } from "../../i18n";

type Chosen = {
  isAll: boolean;
  filters: Query;
  places: { namespace: string; id: string }[];
  count: number;
  onDone: () => void;
};

/** Where an act is asked for, with what, and what was refused the last time. */
export function useMany({ isAll, filters, places, count, onDone }: Chosen) {
  const [refused, setRefused] = useState<FlowsDone["failed"]>([]);
  const path = (name: string) => `/flows/${name}/${isAll ? "by-query" : "by-ids"}`;
  const what = (json: unknown) => (isAll ? { query: filters } : { json });
  const act = useAct({
    act: async ({ name, json }: { name: "run" | "labels"; json: unknown }) => {
      const given = name === "labels" && isAll ? { query: filters, json } : what(json);
      return { name, ...(await call<FlowsDone>("POST", path(name), given)) };
    },
    done: (result) => {
      setRefused(result.failed);
      if (result.failed.length === 0) onDone();
      return t(`flows.done.${result.name}` as Key, {
        count: result.count,
        total: result.totalItems,
      });
    },
    stale: [["flows"], ["flow"], ["executions"]],
  });
  return { isAll, places, count, path, what, act, refused, setRefused };
}

type Many = ReturnType<typeof useMany>;

export function RunMany({ many: { act, places, count } }: { many: Many }) {
  return (
    <Confirm
      title={t("flow.run")}
      text={t("flows.runText", { count })}
      action={t("flow.run")}
      loading={act.isPending}
      onConfirm={() => act.mutate({ name: "run", json: places })}
    >
      {(open) => (
        <Button variant="default" loading={act.isPending} onClick={open}>
          {t("flow.run")}
        </Button>
      )}
    </Confirm>
  );
}

/** `team:data, owner:ana` as the server takes it. */
export function labelsIn(text: string): { key: string; value: string }[] {
  return text
    .split(",")
    .map((part) => part.split(":"))
    .map(([key = "", ...value]) => ({ key: key.trim(), value: value.join(":").trim() }))
    .filter(({ key, value }) => key !== "" && value !== "");
}

export function LabelMany({ many: { act, isAll, places, count } }: { many: Many }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [text, setText] = useState("");
  const labels = labelsIn(text);
  const save = () => {
    act.mutate({ name: "labels", json: isAll ? labels : { flows: places, labels } });
    close();
  };
  return (
    <>
      <Button variant="default" loading={act.isPending} onClick={open}>
        {t("flows.label")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("flows.labelTitle", { count })}>
        <SaveForm onSave={save} isSaving={act.isPending}>
          <TextField
            label={t("run.labels")}
            data-autofocus
            required
            placeholder="team:data, owner:ana"
            value={text}
            onChange={setText}
          />
        </SaveForm>
      </Modal>
    </>
  );
}

/** The flows that the last act was not done to, each with the reason. */
export function Refused({ rows }: { rows: FlowsDone["failed"] }) {
  if (rows.length === 0) return null;
  return (
    <Alert color="red" role="alert" title={t("flows.notDone", { count: rows.length })}>
      <ul>
        {rows.map(({ namespace, id, message }) => (
          <li key={`${namespace}/${id}`}>
            {namespace} / {id}: {message}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
