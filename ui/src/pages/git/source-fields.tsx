/** The fields of a source: where the repository is, who answers it, what is trusted. */

import { Autocomplete, Group, PasswordInput, Select, Stack, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ChangeEvent } from "react";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import { t } from "../../i18n";
import { ChoiceField, type Form, NumberField, SwitchField, TextField } from "./form-fields";
import type { SourceValues } from "./source-values";

const AUTH_KINDS = ["none", "basic", "token", "ssh", "github_app"] as const;
const VERIFY = ["off", "head", "tag", "tag_and_head"];

/** A key has lines, which a field for passwords would join; it shows as little as they do. */
const HIDDEN = { input: { WebkitTextSecurity: "disc" } };

type Props = { form: Form<SourceValues>; isNew: boolean; branches: readonly string[] };

export function SourceFields({ form, isNew, branches }: Props) {
  const { values, errors, change } = form;
  return (
    <Stack gap={12}>
      <TextField
        form={form}
        name="url"
        label="git.url"
        required
        placeholder={t("git.urlHint")}
        data-autofocus={isNew || undefined}
      />
      <Group grow align="start">
        <TextField form={form} name="name" label="git.name" required disabled={!isNew} />
        <Autocomplete
          label={t("git.ref")}
          required
          data={[...branches]}
          limit={50}
          value={values.ref}
          error={errors.ref}
          onChange={(ref) => change({ ref })}
        />
        <ChoiceField
          form={form}
          name="refKind"
          label="git.refKind"
          data={["auto", "branch", "tag", "semver", "commit"]}
        />
      </Group>
      <Credentials form={form} />
      <details>
        <summary>{t("git.more")}</summary>
        <Stack gap={12} mt={8}>
          <Group grow align="start">
            <Connection form={form} />
            <NumberField form={form} name="pollInterval" label="git.poll" min={2} max={86_400} />
          </Group>
          <SwitchField form={form} name="lfs" label="git.lfs" hint="git.lfsHint" />
          <ChoiceField form={form} name="verifyPolicy" label="git.verify" data={VERIFY} />
          {values.verifyPolicy !== "off" && (
            <Group grow align="start">
              <KeysField form={form} name="gpg" />
              <KeysField form={form} name="ssh" />
            </Group>
          )}
        </Stack>
      </details>
    </Stack>
  );
}

/** What the remote asks for; the value is stored as a secret and never comes back. */
function Credentials({ form }: { form: Form<SourceValues> }) {
  const { values, errors, change } = form;
  const kind = values.authKind;
  const secret = {
    label: t("git.secretValue"),
    description: t("git.secretHint"),
    autoComplete: "new-password",
    value: values.secretValue,
    error: errors.secretValue,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      change({ secretValue: event.currentTarget.value }),
  };
  return (
    <>
      <Group grow align="start">
        <ChoiceField
          form={form}
          name="authKind"
          label="git.auth"
          data={AUTH_KINDS.map((value) => ({ value, label: t(`git.auth.${value}`) }))}
        />
        {kind === "basic" && <TextField form={form} name="username" label="git.username" />}
        {kind === "github_app" && <TextField form={form} name="appId" label="git.appId" />}
        {kind === "github_app" && (
          <TextField form={form} name="installationId" label="git.installationId" />
        )}
      </Group>
      {kind !== "none" && (
        <Group grow align="start">
          <TextField
            form={form}
            name="secretName"
            label="git.secretName"
            placeholder="GIT_TOKEN"
            required
          />
          {kind === "ssh" || kind === "github_app" ? (
            <Textarea {...secret} styles={HIDDEN} maxRows={4} autosize spellCheck={false} />
          ) : (
            <PasswordInput {...secret} />
          )}
        </Group>
      )}
      {kind === "ssh" && (
        <>
          <Group grow align="start">
            <TextField form={form} name="passphraseSecret" label="git.passphraseSecret" />
            <ChoiceField
              form={form}
              name="hostKeyChecking"
              label="git.hostKeys"
              data={["accept-new", "yes"]}
            />
          </Group>
          <Textarea
            label={t("git.knownHosts")}
            description={t("git.knownHostsHint")}
            autosize
            minRows={2}
            maxRows={6}
            value={values.knownHosts}
            error={errors.knownHosts}
            onChange={(event) => change({ knownHosts: event.currentTarget.value })}
          />
        </>
      )}
    </>
  );
}

function KeysField({ form, name }: { form: Form<SourceValues>; name: "gpg" | "ssh" }) {
  return (
    <Textarea
      label={t(`git.keys.${name}`)}
      autosize
      minRows={2}
      maxRows={6}
      value={form.values[name]}
      error={form.errors[name] ?? form.errors.verify}
      onChange={(event) => form.change({ [name]: event.currentTarget.value })}
    />
  );
}

/** The hosts that are set up; nothing to choose where the caller may not see them. */
function Connection({ form }: { form: Form<SourceValues> }) {
  const query = useQuery({
    queryKey: ["connections"],
    retry: false,
    queryFn: ({ signal }) => call<Page<{ name: string }>>("GET", "/gitops/connections", { signal }),
  });
  const own = form.values.connection;
  const names = new Set([...(query.data?.results ?? []).map(({ name }) => name), own]);
  return (
    <Select
      label={t("git.connection")}
      placeholder={t("git.noConnection")}
      clearable
      data={[...names].filter(Boolean)}
      value={own || null}
      error={form.errors.connection}
      onChange={(connection) => form.change({ connection: connection ?? "" })}
    />
  );
}
