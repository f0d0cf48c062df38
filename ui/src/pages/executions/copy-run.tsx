/** A new run of the flow as it is now, in a form filled with what this execution was given. */

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Execution } from "../../api/types";
import { RunForm } from "../../forms/run-form";
import { t } from "../../i18n";
import { useNewest } from "./lead";

export function CopyRun({ execution }: { execution: Execution }) {
  const [opened, { open, close }] = useDisclosure(false);
  const { data: flow, isLoading } = useNewest(execution);
  return (
    <>
      <Button variant="default" loading={isLoading} disabled={!flow} onClick={open}>
        {t("execution.copy")}
      </Button>
      {flow && <RunForm flow={flow} opened={opened} onClose={close} prefill={execution.id} />}
    </>
  );
}
