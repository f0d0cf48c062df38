"""Executions, logs and triggers for running tasks."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Row

from app.database import purge as rows
from app.database import search as search_rows
from app.database.logs import LEVELS
from app.expression.values import to_text
from app.plugin.services import Selection
from app.service import executions, operations, purging, resuming, search, trigger_state
from app.service.namespace_reach import Reach
from app.service.runtime import Runtime

PAGE = 1000


class TaskRecords:
    """See Records."""

    def __init__(self, rt: Runtime, reach: Reach) -> None:
        self._rt, self._reach = rt, reach

    def fetch_logs(
        self, execution_id: str, task_ids: Sequence[str], level: str
    ) -> Iterator[Mapping[str, Any]]:
        """The lines of an execution, a page at a time."""
        self._reach.check_use(executions.namespaces_of(self._rt, [execution_id]))
        wanted = {"execution_id": execution_id, "level": level}
        for page in count():
            found = search.list_logs(self._rt, wanted, limit=PAGE, offset=page * PAGE)
            yield from (_line(row) for row in found if not task_ids or row.task_id in task_ids)
            if len(found) < PAGE:
                return

    def purge_logs(self, selection: Selection) -> int:
        """Removes lines; how many there were."""
        self._reach.check_change([selection.namespace or ""])
        with self._rt.database.transaction() as tx:
            return rows.logs_of(tx, selection)

    def purge_executions(
        self, selection: Selection, parts: frozenset[str], batch: int
    ) -> Mapping[str, int]:
        """Removes parts of ended executions, a batch at a time; what was removed."""
        self._reach.check_change([selection.namespace or ""])
        return purging.purge_selection(self._rt, selection, parts, batch)

    def count_executions(
        self, flows: Sequence[tuple[str, str]], namespaces: Sequence[str], selection: Selection
    ) -> Sequence[tuple[str, str, int]]:
        """Counts by flow; a flow that has none counts 0."""
        self._reach.check_use([*namespaces, *(namespace for namespace, _ in flows)])
        with self._rt.database.reading() as tx:
            return search_rows.count_by_flow(tx, flows, namespaces, selection)

    def resume(self, execution_id: str, inputs: Mapping[str, Any]) -> None:
        """Resumes a PAUSED execution. Raises Conflict, InvalidInputs."""
        self._reach.check_change(executions.namespaces_of(self._rt, [execution_id]))
        resuming.resume_with_inputs(self._rt, execution_id, inputs)

    def kill(self, execution_id: str, *, cascade: bool) -> None:
        """Asks an execution to stop. Raises Conflict when it has ended."""
        self._reach.check_change(executions.namespaces_of(self._rt, [execution_id]))
        operations.kill(self._rt, execution_id, cascade=cascade)

    def toggle(self, namespace: str, flow_id: str, trigger_id: str, *, enabled: bool) -> None:
        """Switches a trigger on or off. Raises NotFound."""
        self._reach.check_change([namespace])
        trigger_state.set_disabled(self._rt, namespace, flow_id, trigger_id, disabled=not enabled)


def _line(row: Row[Any]) -> dict[str, Any]:
    names = {
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "executionId": row.execution_id,
        "taskId": row.task_id,
        "taskRunId": row.task_run_id,
        "attemptNumber": row.attempt,
        "triggerId": row.trigger_id,
        "timestamp": to_text(row.at),
        "level": LEVELS[row.level],
        "thread": row.thread,
        "message": row.message,
    }
    return {name: value for name, value in names.items() if value is not None}
