"""Which attempts run and which executions are not over: reads for those who clean up."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.database.schema import executions, task_runs
from app.database.session import Session
from app.model.state import Gate, State

_BATCH = 500


def running(tx: Session, task_run_ids: Collection[str]) -> Iterator[tuple[str, int]]:
    """(task run, attempt) of those that a worker holds."""
    for ids in _batches(task_run_ids):
        where = task_runs.c.id.in_(ids) & (task_runs.c.state == State.RUNNING.value)
        for row in tx.execute(select(task_runs.c.id, task_runs.c.attempt).where(where)):
            yield row.id, row.attempt


def live(tx: Session, execution_ids: Collection[str]) -> Iterator[str]:
    """Executions that have not ended."""
    for ids in _batches(execution_ids):
        where = executions.c.id.in_(ids) & (executions.c.gate != Gate.ENDED.value)
        for row in tx.execute(select(executions.c.id).where(where)):
            yield row.id


def _batches(ids: Collection[str]) -> Iterator[list[str]]:
    rows = sorted(ids)
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
