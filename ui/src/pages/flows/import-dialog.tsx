/** Flows from files: what each would do is told first, and only then is anything written. */

import { Alert, Button, FileButton, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { call } from "../../api/client";
import type { ImportReport } from "../../api/types-more";
import { Failure, Loading } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { SimpleTable } from "../../design/simple-table";
import { type Key, t } from "../../i18n";
import "./flows.css";

function formOf(file: File): FormData {
  const body = new FormData();
  body.append("fileUpload", file, file.name);
  return body;
}

/** The button and its dialog. */
export function ImportFlows() {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("flows.import")}
      </Button>
      <Modal opened={opened} onClose={close} size="60rem" title={t("flows.importTitle")}>
        <Import onDone={close} />
      </Modal>
    </>
  );
}

function Import({ onDone }: { onDone: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const report = useMutation({
    mutationFn: (given: File) =>
      call<ImportReport[]>("POST", "/flows/import/report", { body: formOf(given) }),
  });
  const take = (given: File | null | undefined) => {
    if (!given) return;
    setFile(given);
    report.mutate(given);
  };
  return (
    <Stack gap={12}>
      <Drop onFile={take} />
      {report.isPending && <Loading rows={3} />}
      {report.error && <Failure error={report.error} />}
      {file && report.data && <Report file={file} rows={report.data} onDone={onDone} />}
    </Stack>
  );
}

function Drop({ onFile }: { onFile: (file: File | null | undefined) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <section
      className="panel panel-body report-drop"
      aria-label={t("flows.importDrop")}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap={12}>
        <FileButton accept=".yaml,.yml,.zip" onChange={onFile}>
          {(props) => (
            <Button {...props} variant="default">
              {t("flows.importChoose")}
            </Button>
          )}
        </FileButton>
        <span className="muted">{t("flows.importDrop")}</span>
      </Group>
    </section>
  );
}

type ReportProps = { file: File; rows: ImportReport[]; onDone: () => void };

function Report({ file, rows, onDone }: ReportProps) {
  const good = rows.filter(({ action }) => action === "CREATE" || action === "UPDATE").length;
  const refused = rows.filter(({ action }) => action === "REFUSED").length;
  const write = useAct({
    act: async () => {
      const wrong = await call<string[]>("POST", "/flows/import", { body: formOf(file) });
      return rows.length - wrong.length;
    },
    done: (count) => {
      onDone();
      return t("flows.imported", { name: file.name, count });
    },
    stale: [["flows"], ["flow"], ["summary"]],
  });
  return (
    <>
      {refused > 0 && <Alert color="yellow">{t("flows.importRefused", { count: refused })}</Alert>}
      <SimpleTable
        label={t("flows.importReport", { name: file.name })}
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          { id: "name", title: t("git.name"), cell: (row) => row.name },
          {
            id: "flow",
            title: t("column.flow"),
            cell: ({ verdict: { namespace, flow } }) => `${namespace ?? "?"} / ${flow ?? "?"}`,
          },
          {
            id: "action",
            title: t("flows.importDoes"),
            cell: (row) => t(`flows.import.${row.action}` as Key),
          },
          { id: "problems", title: t("flows.importProblems"), cell: (row) => <Told row={row} /> },
        ]}
      />
      <Group justify="flex-end">
        <Button disabled={good === 0} loading={write.isPending} onClick={() => write.mutate()}>
          {t("flows.importDo", { count: good })}
        </Button>
      </Group>
    </>
  );
}

/** What is wrong with a flow, at its line, and what is worth knowing. */
function Told({ row: { verdict } }: { row: ImportReport }) {
  const lines = verdict.violations?.map(({ line, message }) =>
    line === undefined ? message : `${line}: ${message}`,
  );
  const told = [...(lines ?? (verdict.constraints ? [verdict.constraints] : []))];
  return <span className="wrapped lines">{[...told, ...(verdict.warnings ?? [])].join("\n")}</span>;
}
