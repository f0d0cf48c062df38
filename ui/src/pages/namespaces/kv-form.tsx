/** A value of a key, in its type. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { KvEntry } from "../../api/types-more";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { jsonOf, type KvType, TYPES, textOfValue } from "./kv-value";
import { KvValueField } from "./kv-value-field";

type Detail = { type: KvType; value: unknown };
type Props = { namespace: string; name?: string; entry?: KvEntry; onDone: () => void };

export function KvForm({ namespace, name, entry, onDone }: Props) {
  const query = useQuery({
    queryKey: ["kv", namespace, "value", name],
    enabled: name !== undefined,
    queryFn: ({ signal }) =>
      call<Detail>("GET", `/namespaces/${namespace}/kv/${encodeURIComponent(name ?? "")}`, {
        signal,
      }),
  });
  if (!name) return <Form namespace={namespace} onDone={onDone} />;
  return (
    <Loaded query={query}>
      {(detail) => <Form {...{ namespace, name, entry, detail, onDone }} />}
    </Loaded>
  );
}

function Form({ namespace, name, entry, detail, onDone }: Props & { detail?: Detail }) {
  const [key, setKey] = useState(name ?? "");
  const [type, setType] = useState<KvType>(detail?.type ?? "STRING");
  const [text, setText] = useState(detail ? textOfValue(detail.value) : "");
  const [ttl, setTtl] = useState("");
  const [about, setAbout] = useState(entry?.description ?? "");
  const [wrong, setWrong] = useState(false);
  const save = useAct({
    act: (body: string) =>
      call("PUT", `/namespaces/${namespace}/kv/${encodeURIComponent(key)}`, {
        body,
        contentType: "text/plain",
        headers: { ...(ttl && { ttl }), ...(about && { description: about }) },
      }),
    done: () => {
      onDone();
      return t("kv.saved", { name: key });
    },
    stale: [["kv", namespace], ["namespaces"]],
  });
  const submit = () => {
    try {
      save.mutate(jsonOf(type, text));
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return (
    <SaveForm onSave={submit} isSaving={save.isPending}>
      <TextField
        label={t("kv.key")}
        data-autofocus={name === undefined || undefined}
        required
        readOnly={name !== undefined}
        value={key}
        onChange={setKey}
      />
      <Select
        label={t("column.type")}
        data={[...TYPES]}
        allowDeselect={false}
        value={type}
        onChange={(value) => {
          setType((value ?? "STRING") as KvType);
          if (value === "BOOLEAN" && text !== "true") setText("false");
        }}
      />
      <KvValueField
        type={type}
        value={text}
        isFirst={name !== undefined}
        error={wrong ? t("kv.wrong", { type }) : undefined}
        onChange={setText}
      />
      <TextField label={t("column.description")} value={about} onChange={setAbout} />
      <TextField label={t("kv.ttl")} placeholder="P7D" value={ttl} onChange={setTtl} />
    </SaveForm>
  );
}
