/** Name and password; the same form on the login page and in the dialog of an ended session. */

import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { ApiError } from "../api/client";
import { login, sessionQuery } from "../api/session";
import { t } from "../i18n";

export function LoginForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [caps, setCaps] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await login(String(form.get("username")), String(form.get("password")));
      await client.invalidateQueries(sessionQuery);
      await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
      onDone();
    } catch (cause) {
      const wrong = cause instanceof ApiError && cause.status === 401;
      setError(wrong ? t("login.failed") : (cause as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  return (
    <form onSubmit={submit} onKeyUp={watchCaps}>
      <Stack gap={12}>
        {error && <Alert color="red" role="alert" title={error} />}
        <TextInput name="username" label={t("login.username")} autoComplete="username" required />
        <PasswordInput
          name="password"
          label={t("login.password")}
          autoComplete="current-password"
          description={caps ? t("login.capsLock") : undefined}
          required
        />
        <Button type="submit" loading={busy}>
          {t("login.submit")}
        </Button>
      </Stack>
    </form>
  );
}
