/** Leads from dashboard to dashboard: home, those of the team, a new one. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../api/client";
import type { Page } from "../api/types";
import { t } from "../i18n";

const MOST = 100;

export function DashboardChoice({ chosen }: { chosen: string }) {
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["dashboards"],
    queryFn: ({ signal }) =>
      call<Page<{ id: string; title: string }>>("GET", "/dashboards", {
        signal,
        query: { size: MOST },
      }),
  });
  const known = (query.data?.results ?? []).filter(({ id }) => id !== "default");
  return (
    <Select
      aria-label={t("dashboard.choose")}
      allowDeselect={false}
      searchable
      data={[
        { value: "", label: t("nav.home") },
        { value: "default", label: t("dashboard.default") },
        ...known.map(({ id, title }) => ({ value: id, label: title })),
        { value: "new", label: t("dashboard.newDo") },
      ]}
      value={chosen}
      onChange={(id) =>
        void navigate({ to: (id ? `/main/dashboards/${id}` : "/main/dashboards") as never })
      }
    />
  );
}
