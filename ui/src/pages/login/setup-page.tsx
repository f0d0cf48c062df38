/** The first user of a server that has none; most have: a server makes it when it first starts. */

import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { call } from "../../api/client";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";
import "./login-page.css";

const LEAST = 8;

export default function SetupPage() {
  const query = useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => call<{ done: boolean }>("GET", "//api/v1/main/setup", { signal }),
  });
  return (
    <main className="login">
      <section className="panel login-box">
        <h1>{t("setup.title")}</h1>
        <Loaded query={query}>{({ done }) => (done ? <Done /> : <First />)}</Loaded>
      </section>
    </main>
  );
}

function Done() {
  return (
    <>
      <p>{t("setup.done")}</p>
      <p>
        <Link to="/login">{t("login.title")}</Link>
      </p>
    </>
  );
}

function First() {
  const navigate = useNavigate();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const make = useAct({
    act: () => call("POST", "//api/v1/main/setup", { json: { username, password } }),
    done: () => {
      void navigate({ to: "/login" });
      return t("setup.made", { name: username });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <p>{t("setup.lead")}</p>
        <TextInput
          label={t("setup.email")}
          type="email"
          autoComplete="username"
          required
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("login.password")}
          description={t("setup.least", { least: LEAST })}
          autoComplete="new-password"
          required
          minLength={LEAST}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={make.isPending}>
          {t("setup.make")}
        </Button>
      </Stack>
    </form>
  );
}
