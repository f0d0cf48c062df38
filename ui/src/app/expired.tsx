/** The dialog of an ended session: it stands above the page, so that no text is lost. */

import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { setOnExpired } from "../api/client";
import { t } from "../i18n";
import { LoginForm } from "./login-form";

export function ExpiredDialog() {
  const [shown, setShown] = useState(false);
  const client = useQueryClient();
  useEffect(() => setOnExpired(() => setShown(true)), []);
  const done = () => {
    setShown(false);
    client.invalidateQueries();
  };
  return (
    <Modal opened={shown} onClose={() => setShown(false)} title={t("login.title")}>
      <p>{t("login.expired")}</p>
      <LoginForm onDone={done} />
    </Modal>
  );
}
