/** The log of one execution. */

import type { Execution } from "../../api/types";
import { hasEnded } from "../../design/state";
import { LogViewer } from "../../logs/log-viewer";

const NONE: never[] = [];

export function Logs({ execution }: { execution: Execution }) {
  return (
    <LogViewer
      executionId={execution.id}
      start={execution.state.startDate}
      runs={execution.taskRunList ?? NONE}
      isLive={!hasEnded(execution.state.current)}
    />
  );
}
