/** What holds for several bindings: windows in which syncs may happen, and who is told of what. */

import { Alert, Button, Modal, Stack, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { parse, stringify } from "yaml";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { RemoveButton } from "../../design/remove-button";
import { SaveForm } from "../../design/save-form";
import { SimpleTable } from "../../design/simple-table";
import { t } from "../../i18n";

export type RecordKind = "windows" | "notifications";
type Row = { id: string; name: string; kind: string } & Record<string, unknown>;

const BEGIN: Record<RecordKind, string> = {
  windows: `name: weekend
kind: deny        # or allow
cron: "0 18 * * 5"
duration: PT62H
timezone: UTC
bindings: []      # globs of names; none: all
`,
  notifications: `name: on-call
kind: slack       # or webhook, email
urlSecret: SLACK_URL
events: [sync-failed, drifted, awaiting-approval]
bindings: []      # globs of names; none: all
`,
};

export function Records({ kind }: { kind: RecordKind }) {
  const [adding, { open, close }] = useDisclosure(false);
  const key = ["git-records", kind];
  const query = useQuery({
    queryKey: key,
    retry: false,
    queryFn: ({ signal }) => call<Page<Row>>("GET", `/gitops/${kind}`, { signal }),
  });
  return (
    <Panel title={t(`git.${kind}`)}>
      <p className="panel-body muted">{t(`git.${kind}Lead`)}</p>
      <Loaded
        query={query}
        isEmpty={({ results }) => results.length === 0}
        empty={t("git.noRecords")}
      >
        {({ results }) => (
          <SimpleTable<Row>
            label={t("git.records", { kind: t(`git.${kind}`) })}
            rows={results}
            rowKey={(row) => row.id}
            columns={[
              { id: "name", title: t("git.name"), cell: (row) => row.name },
              { id: "kind", title: t("git.kind"), cell: (row) => row.kind },
              { id: "all", title: t("git.settings"), cell: (row) => <pre>{settingsOf(row)}</pre> },
              {
                id: "do",
                title: t("column.actions"),
                cell: (row) => (
                  <RemoveButton
                    size="compact-xs"
                    path={`/gitops/${kind}/${row.name}`}
                    text={t("git.recordGone", { name: row.name })}
                    done={t("kv.gone", { name: row.name })}
                    stale={[key]}
                  />
                ),
              },
            ]}
          />
        )}
      </Loaded>
      <div className="panel-body">
        <Button variant="default" onClick={open}>
          {t(`git.new.${kind}`)}
        </Button>
      </div>
      <Modal opened={adding} onClose={close} title={t(`git.new.${kind}`)}>
        <NewRecord kind={kind} onDone={close} stale={[key]} />
      </Modal>
    </Panel>
  );
}

const settingsOf = ({ id: _id, name: _name, kind: _kind, ...rest }: Row) => stringify(rest).trim();

type NewProps = { kind: RecordKind; onDone: () => void; stale: string[][] };

function NewRecord({ kind, onDone, stale }: NewProps) {
  const [text, setText] = useState(BEGIN[kind]);
  const save = useAct({
    act: () => call<Row>("POST", `/gitops/${kind}`, { json: parse(text) }),
    done: ({ name }) => {
      onDone();
      return t("kv.saved", { name });
    },
    stale,
  });
  return (
    <SaveForm onSave={() => save.mutate()} isSaving={save.isPending}>
      <Stack gap={12}>
        {save.error && <Alert color="red" role="alert" title={save.error.message} />}
        <Textarea
          label={t("git.asYaml")}
          className="mono"
          autosize
          minRows={6}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </Stack>
    </SaveForm>
  );
}
