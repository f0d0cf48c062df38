"""Deleting what has grown old: executions with all their rows, in batches."""

from datetime import datetime

from sqlalchemy import delete, select

from app.database.schema import (
    attempts,
    execution_labels,
    executions,
    iterations,
    logs,
    metrics,
    sequences,
    task_runs,
    timers,
)
from app.database.session import Session
from app.model.state import Gate


def execution(tx: Session, execution_id: str, *, logs: bool = True, metrics: bool = True) -> None:
    """Removes every row of an execution; its log and metrics only when asked."""
    scopes = select(task_runs.c.id).where(task_runs.c.execution_id == execution_id)
    tx.execute(delete(iterations).where(iterations.c.scope.in_(scopes)))
    tables = [attempts, sequences, task_runs, timers, execution_labels]
    tables += [_LOGS] * logs + [_METRICS] * metrics
    for table in tables:
        tx.execute(delete(table).where(table.c.execution_id == execution_id))
    tx.execute(delete(executions).where(executions.c.id == execution_id))


_LOGS, _METRICS = logs, metrics


def ended_before(tx: Session, before: datetime, limit: int) -> list[tuple[str, str, str]]:
    """(namespace, flow, id) of executions that ended before a moment, the oldest first."""
    where = (executions.c.gate == Gate.ENDED) & (executions.c.created_at < before)
    columns = (executions.c.namespace, executions.c.flow_id, executions.c.id)
    found = tx.execute(select(*columns).where(where).order_by(executions.c.created_at).limit(limit))
    return [(row.namespace, row.flow_id, row.id) for row in found]
