/** The log of one execution. */

import type { Execution } from "../../api/types";
import { hasEnded } from "../../design/state";
import { LogViewer } from "../../logs/log-viewer";

export function Logs({ execution }: { execution: Execution }) {
  return (
    <LogViewer
      executionId={execution.id}
      taskIds={[...new Set(execution.taskRunList?.map((run) => run.taskId))]}
      isLive={!hasEnded(execution.state.current)}
    />
  );
}
