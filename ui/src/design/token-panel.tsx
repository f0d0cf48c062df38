/** API tokens of an account: made here, shown once, ended at once. */

import { Alert, Button, Group, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { sessionQuery } from "../api/session";
import type { NewToken as Created, Token } from "../api/types-more";
import { t } from "../i18n";
import { Confirm } from "./confirm";
import { type GrantRow, GrantRows, grantsOf, grantsText } from "./grant-rows";
import { Once } from "./once";
import { Loaded, Panel } from "./panel";
import { useAct } from "./receipt";
import { SimpleTable } from "./simple-table";
import { Moment } from "./time";

/** `path` is where the account's tokens are, as `/me/api-tokens`. */
export function TokenPanel({ path }: { path: string }) {
  const query = useQuery({
    queryKey: ["tokens", path],
    queryFn: ({ signal }) => call<{ results: Token[] }>("GET", path, { signal }),
  });
  return (
    <Panel title={t("tokens.title")}>
      <NewToken path={path} />
      <Loaded query={query} isEmpty={(page) => page.results.length === 0} empty={t("tokens.empty")}>
        {(page) => (
          <SimpleTable
            label={t("tokens.title")}
            rows={page.results}
            rowKey={(row) => row.id}
            columns={[
              { id: "name", title: t("git.name"), cell: (row) => row.name },
              {
                id: "prefix",
                title: t("tokens.begins"),
                cell: (row) => <span className="mono">{row.prefix}…</span>,
              },
              { id: "made", title: t("column.created"), cell: (row) => <Moment at={row.iat} /> },
              {
                id: "scopes",
                title: t("tokens.scopes"),
                cell: ({ scopes }) => (scopes ? grantsText(scopes) : t("tokens.allOfOwner")),
              },
              { id: "ends", title: t("kv.expires"), cell: (row) => <Ends token={row} /> },
              { id: "used", title: t("tokens.used"), cell: (row) => <Moment at={row.lastUsed} /> },
              {
                id: "end",
                title: t("column.actions"),
                cell: (row) => <Revoke path={path} token={row} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Ends({ token: { exp, expired } }: { token: Token }) {
  if (!exp) return <span>{t("tokens.never")}</span>;
  return (
    <>
      {expired && <strong>{t("tokens.over")} </strong>}
      <Moment at={exp} />
    </>
  );
}

const FIXED = ["viewer", "operator", "editor", "admin"];

/** The roles that a token may be limited to: the fixed ones, and those that the person has. */
function useScopeRoles() {
  const own = useQuery(sessionQuery).data?.grants.map(({ role }) => role) ?? [];
  return [...new Set([...FIXED, ...own])].map((value) => ({ value, label: value }));
}

function NewToken({ path }: { path: string }) {
  const [name, setName] = useState("");
  const [age, setAge] = useState("P90D");
  const [scopes, setScopes] = useState<GrantRow[]>([]);
  const roles = useScopeRoles();
  const make = useAct({
    act: () =>
      call<Created>("POST", path, {
        json: {
          name,
          ...(age ? { maxAge: age } : {}),
          ...(scopes.length ? { scopes: grantsOf(scopes) } : {}),
        },
      }),
    done: () => t("tokens.made"),
    stale: [["tokens", path]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit} className="panel-body">
      <Group align="end">
        <TextInput
          label={t("git.name")}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("tokens.age")}
          value={age}
          onChange={(event) => setAge(event.currentTarget.value)}
        />
        <Button type="submit" loading={make.isPending}>
          {t("tokens.new")}
        </Button>
      </Group>
      <GrantRows legend={t("tokens.scopesHint")} rows={scopes} onChange={setScopes} roles={roles} />
      {make.data && (
        <Alert mt={12}>
          <Once lead={t("tokens.once")} texts={[make.data.fullToken]} />
        </Alert>
      )}
    </form>
  );
}

function Revoke({ path, token }: { path: string; token: Token }) {
  const revoke = useAct({
    act: () => call("DELETE", `${path}/${token.id}`),
    done: () => t("tokens.ended", { name: token.name }),
    stale: [["tokens", path]],
  });
  return (
    <Confirm
      title={t("tokens.end")}
      text={t("tokens.endText", { name: token.name })}
      action={t("tokens.end")}
      onConfirm={() => revoke.mutate()}
    >
      {(open) => (
        <Button size="compact-xs" variant="default" onClick={open}>
          {t("tokens.end")}
        </Button>
      )}
    </Confirm>
  );
}
