/** Stores a secret, or changes what is said of it. Its value goes in and never comes out. */

import { PasswordInput } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/client";
import type { SecretMeta } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { SaveForm } from "../../design/save-form";
import { TextField } from "../../design/text-field";
import { t } from "../../i18n";
import { tagsIn, tagsText } from "./tags";

type Props = { namespace: string; secret?: SecretMeta; onDone: () => void };

const listOf = (namespace: string) => `/namespaces/${namespace}/secrets`;

/** A new secret, or another value for one that is there. */
export function ValueForm({ namespace, secret, onDone }: Props) {
  const [key, setKey] = useState(secret?.key ?? "");
  const [value, setValue] = useState("");
  const [description, setDescription] = useState(secret?.description ?? "");
  const [tags, setTags] = useState(tagsText(secret?.tags));
  const save = useAct({
    act: () =>
      call("PUT", listOf(namespace), {
        json: { key, value, description: description || undefined, tags: tagsIn(tags) },
      }),
    done: () => {
      onDone();
      return t("secrets.saved", { name: key });
    },
    stale: [["secrets", namespace], ["namespaces"]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <TextField
        label={t("kv.key")}
        data-autofocus={secret === undefined || undefined}
        required
        readOnly={secret !== undefined}
        value={key}
        onChange={setKey}
      />
      <PasswordInput
        label={t("kv.value")}
        data-autofocus={secret !== undefined || undefined}
        description={t("secrets.hint")}
        required
        autoComplete="new-password"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <About {...{ description, setDescription, tags, setTags }} />
    </SaveForm>
  );
}

/** Description and tags alone: the value stays. */
export function AboutForm({ namespace, secret, onDone }: Required<Props>) {
  const [description, setDescription] = useState(secret.description ?? "");
  const [tags, setTags] = useState(tagsText(secret.tags));
  const save = useAct({
    act: () =>
      call("PATCH", `${listOf(namespace)}/${encodeURIComponent(secret.key)}`, {
        json: { description, tags: tagsIn(tags) },
      }),
    done: () => {
      onDone();
      return t("secrets.described", { name: secret.key });
    },
    stale: [["secrets", namespace]],
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <About {...{ description, setDescription, tags, setTags }} />
    </SaveForm>
  );
}

type AboutProps = {
  description: string;
  setDescription: (text: string) => void;
  tags: string;
  setTags: (text: string) => void;
};

function About({ description, setDescription, tags, setTags }: AboutProps) {
  return (
    <>
      <TextField label={t("column.description")} value={description} onChange={setDescription} />
      <TextField
        label={t("secrets.tags")}
        description={t("secrets.tagsHint")}
        value={tags}
        onChange={setTags}
      />
    </>
  );
}
