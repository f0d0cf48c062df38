/** What can be done to several flows at once: to those chosen, or to all that the filter finds. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { addressOf, call, type Query, send } from "../../api/client";
import type { Flow } from "../../api/types";
import type { FlowsDone } from "../../api/types-more";
import { Confirm } from "../../design/confirm";
import { useAct } from "../../design/receipt";
import { saveFile } from "../../design/save-file";
import { t } from "../../i18n";
import { LabelMany, Refused, RunMany, useMany } from "./many";

type Props = { rows: Flow[]; total: number; filters: Query; onDone: () => void };

export function Bulk({ rows, total, filters, onDone }: Props) {
  const [isAll, setAll] = useState(false);
  const count = isAll ? total : rows.length;
  const places = rows.map(({ namespace, id }) => ({ namespace, id }));
  const many = useMany({ isAll, filters, places, count, onDone });
  const act = useAct({
    act: ({ method, name }: { method: string; name: string }) =>
      call<{ count: number; failed?: FlowsDone["failed"] }>(
        method,
        many.path(name),
        many.what(places),
      ),
    done: ({ count, failed = [] }) => {
      many.setRefused(failed);
      if (failed.length === 0) onDone();
      return t("flows.bulkDone", { count });
    },
    stale: [["flows"], ["flow"]],
  });
  const button = (title: string, onClick: () => void) => (
    <Button variant="default" loading={act.isPending} onClick={onClick}>
      {title}
    </Button>
  );
  return (
    <>
      <Group gap={8}>
        <span className="muted">
          {isAll ? t("executions.allChosen", { total }) : t("table.selected", { count })}
        </span>
        {total > rows.length && (
          <Button variant="subtle" onClick={() => setAll(!isAll)}>
            {isAll ? t("executions.onlyChosen") : t("executions.chooseAll", { total })}
          </Button>
        )}
        <RunMany many={many} />
        {button(t("flows.enable"), () => act.mutate({ method: "POST", name: "enable" }))}
        {button(t("flows.disable"), () => act.mutate({ method: "POST", name: "disable" }))}
        <LabelMany many={many} />
        <Export isAll={isAll} filters={filters} json={places} />
        <Confirm
          title={t("files.delete")}
          text={t("flows.deleteText", { count })}
          action={t("files.delete")}
          onConfirm={() => act.mutate({ method: "DELETE", name: "delete" })}
        >
          {(open) => button(t("files.delete"), open)}
        </Confirm>
      </Group>
      <Refused rows={many.refused} />
    </>
  );
}

type ExportProps = { isAll: boolean; filters: Query; json: unknown };

function Export({ isAll, filters, json }: ExportProps) {
  if (!isAll) return <ExportChosen json={json} />;
  const href = addressOf("/flows/export/by-query", filters);
  return (
    <Button component="a" variant="default" href={href} download>
      {t("flows.export")}
    </Button>
  );
}

function ExportChosen({ json }: { json: unknown }) {
  const act = useAct({
    act: async () => {
      const answer = await send("POST", "/flows/export/by-ids", { json });
      saveFile(await answer.blob(), "flows.zip");
    },
    done: () => t("flows.exported"),
  });
  return (
    <Button variant="default" loading={act.isPending} onClick={() => act.mutate()}>
      {t("flows.export")}
    </Button>
  );
}
