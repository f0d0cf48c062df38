/** What is done to an execution that has ended: its labels, another end state, its removal. */

import { useNavigate } from "@tanstack/react-router";
import type { Execution } from "../../api/types";
import { RemoveButton } from "../../design/remove-button";
import { t } from "../../i18n";
import { ChangeState } from "./change-state";
import { EditLabels } from "./edit-labels";

export function EndedActions({ execution }: { execution: Execution }) {
  const navigate = useNavigate();
  return (
    <>
      <EditLabels execution={execution} />
      <ChangeState execution={execution} />
      <RemoveButton
        path={`/executions/${execution.id}`}
        text={t("executions.deleteText", { count: 1 })}
        done={t("kv.gone", { name: execution.id })}
        stale={[["executions"]]}
        onDone={() => void navigate({ to: "/main/executions" as never })}
      />
    </>
  );
}
