/** Who is in a group: put in and taken out one by one. */

import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { AccountGroup, Member } from "../../api/types-more";
import { Loaded } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";
import { SubjectSelect } from "./subject-select";

const MOST = 500;

export function Members({ group }: { group: AccountGroup }) {
  const [account, setAccount] = useState<string | null>(null);
  const below = `/groups/${group.id}/members`;
  const query = useQuery({
    queryKey: ["groups", group.id, "members"],
    queryFn: ({ signal }) => call<Page<Member>>("GET", below, { signal, query: { size: MOST } }),
  });
  const act = useAct({
    act: ({ method, id }: { method: "PUT" | "DELETE"; id: string }) =>
      call<Member>(method, `${below}/${id}`),
    done: ({ username }) => {
      setAccount(null);
      return t("admin.memberDone", { name: username });
    },
    stale: [["groups", group.id, "members"]],
  });
  return (
    <Stack gap={12}>
      <Group align="end">
        <SubjectSelect type="USER" value={account} onChange={setAccount} />
        <Button
          disabled={!account}
          loading={act.isPending}
          onClick={() => account && act.mutate({ method: "PUT", id: account })}
        >
          {t("admin.addMember")}
        </Button>
      </Group>
      <Loaded
        query={query}
        isEmpty={({ results }) => results.length === 0}
        empty={t("admin.noMembers")}
      >
        {({ results, total }) => (
          <>
            <SimpleTable
              label={t("admin.members")}
              rows={results}
              rowKey={(row) => row.id}
              columns={[
                { id: "name", title: t("git.name"), cell: (row) => row.username },
                {
                  id: "actions",
                  title: t("column.actions"),
                  cell: (row) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t("admin.dropMember", { name: row.username })}
                      disabled={act.isPending}
                      onClick={() => act.mutate({ method: "DELETE", id: row.id })}
                    >
                      {t("admin.takeOut")}
                    </Button>
                  ),
                },
              ]}
            />
            <span className="muted">{t("table.total", { total })}</span>
          </>
        )}
      </Loaded>
    </Stack>
  );
}
