/** The door: password, and the single sign-ons that are configured. */

import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { LoginWays } from "../../api/session";
import { LoginForm } from "../../app/login-form";
import { t } from "../../i18n";
import "./login-page.css";

export default function LoginPage() {
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const ways = useQuery({
    queryKey: ["login-ways"],
    queryFn: () => call<LoginWays>("GET", "//api/v1/configs/login"),
  });
  return (
    <main className="login">
      <section className="panel login-box">
        <h1>
          <img src="./mark.svg" alt="" width={28} height={28} /> Trunkline
        </h1>
        <LoginForm onDone={() => navigate({ to: next?.startsWith("/") ? next : "/" })} />
        <Stack gap={8} mt={12}>
          {ways.data?.sso?.map((way) => (
            <Button key={way.id} component="a" href={way.url} variant="default">
              {t("login.with", { name: way.name })}
            </Button>
          ))}
        </Stack>
      </section>
    </main>
  );
}
