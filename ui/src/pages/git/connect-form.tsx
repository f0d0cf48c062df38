/** Connects a repository: its address, who answers it, and which folder goes where. */

import {
  Alert,
  Button,
  Group,
  PasswordInput,
  Select,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client";
import type { Source } from "../../api/types-more";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";

const EMPTY = {
  name: "",
  url: "",
  ref: "main",
  username: "",
  secretName: "",
  secretValue: "",
  path: "",
  namespace: "",
  layout: "declared",
};
type Fields = typeof EMPTY;

/** Stores the credential as a secret first, so that the source only names it. */
async function connect(fields: Fields, policy: { automated: boolean; prune: boolean }) {
  const { name, url, ref, username, secretName, secretValue, path, namespace, layout } = fields;
  if (secretName && secretValue) {
    const { systemNamespace } = await call<{ systemNamespace: string }>("GET", "/configs");
    await call("PUT", `/namespaces/${systemNamespace}/secrets`, {
      json: { key: secretName, value: secretValue },
    });
  }
  const isSsh = /^(ssh:|[^/]+@[^/]+:)/.test(url);
  const auth = secretName
    ? { username, [isSsh ? "privateKeySecret" : "passwordSecret"]: secretName }
    : undefined;
  const binding = { path, namespace, layout, ...policy };
  return call<Source>("POST", "/gitops/sources", { json: { name, url, ref, auth, binding } });
}

export function ConnectForm({ onDone }: { onDone: () => void }) {
  const [fields, setFields] = useState(EMPTY);
  const [policy, setPolicy] = useState({ automated: true, prune: false });
  const act = useAct({
    act: () => connect(fields, policy),
    done: (made) => {
      onDone();
      return t("git.connected", { name: made.name });
    },
    stale: [["sources"], ["bindings"]],
  });
  const errors = errorsOf(act.error);
  const field = (name: keyof Fields) => ({
    value: fields[name],
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((old) => ({ ...old, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        {act.error && <Alert color="red" role="alert" title={act.error.message} />}
        <TextInput label={t("git.url")} required {...field("url")} />
        <Group grow align="start">
          <TextInput label={t("git.name")} required {...field("name")} />
          <TextInput label={t("git.ref")} required {...field("ref")} />
        </Group>
        <Group grow align="start">
          <TextInput label={t("git.username")} autoComplete="off" {...field("username")} />
          <TextInput
            label={t("git.secretName")}
            placeholder="GIT_TOKEN"
            autoComplete="off"
            {...field("secretName")}
          />
        </Group>
        <PasswordInput
          label={t("git.secretValue")}
          description={t("git.secretHint")}
          autoComplete="new-password"
          {...field("secretValue")}
        />
        <Group grow align="start">
          <TextInput label={t("git.path")} placeholder="flows" {...field("path")} />
          <TextInput label={t("column.namespace")} {...field("namespace")} />
          <Select
            label={t("git.layout")}
            allowDeselect={false}
            data={["declared", "namespace-first", "tree"]}
            value={fields.layout}
            onChange={(layout) => setFields((old) => ({ ...old, layout: layout ?? "declared" }))}
          />
        </Group>
        <Switch
          label={t("git.automated")}
          checked={policy.automated}
          onChange={(event) => setPolicy({ ...policy, automated: event.currentTarget.checked })}
        />
        <Switch
          label={t("git.prune")}
          checked={policy.prune}
          onChange={(event) => setPolicy({ ...policy, prune: event.currentTarget.checked })}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={act.isPending}>
            {t("git.connect")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The server's violations by field; those of the binding stand at its fields. */
function errorsOf(error: Error | null): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const { violations = [] } = (error.body ?? {}) as {
    violations?: { path?: string; message: string }[];
  };
  return Object.fromEntries(
    violations.map(({ path, message }) => [path?.split(".").at(-1) ?? "", message]),
  );
}
