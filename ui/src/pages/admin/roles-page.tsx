/** The roles, and what each may. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page as ResultPage } from "../../api/types";
import { Page } from "../../design/page";
import { Loaded, Panel } from "../../design/panel";
import { t } from "../../i18n";
import { AdminTabs } from "./admin-tabs";

type Role = { id: string; name: string; permissions: string[] };

export default function RolesPage() {
  const query = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => call<ResultPage<Role>>("GET", "/roles/search", { signal }),
  });
  return (
    <Page title={t("admin.roles")}>
      <AdminTabs />
      <Loaded query={query}>
        {(page) =>
          page.results.map((role) => (
            <Panel key={role.id} title={role.name}>
              <p className="panel-body mono">{role.permissions.join(" · ")}</p>
            </Panel>
          ))
        }
      </Loaded>
    </Page>
  );
}
