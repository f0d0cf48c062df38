"""Deleting what has grown old: executions with all their rows, in batches."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.sql.elements import ColumnElement

from app.database.filters import below
from app.database.logs import LEVELS
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
_IS_TOLD = ~exists().where(timers.c.kind == "ended", timers.c.target == executions.c.id)
#: it has ended, and all who wait for that have heard of it: nobody needs its rows any more
_IS_DONE = (executions.c.gate == Gate.ENDED) & _IS_TOLD


def hold_done(tx: Session, execution_id: str) -> bool:
    """Takes the row of an execution that is about to go; False if it was restarted meanwhile."""
    where = (executions.c.id == execution_id) & _IS_DONE
    statement = select(executions.c.id).where(where).with_for_update(key_share=True)
    return tx.execute(statement).first() is not None


def counted(tx: Session, execution_id: str, *, logs: bool, metrics: bool) -> dict[str, int]:
    """Removes an execution's log or metrics alone; how many rows of each there were."""
    found = {}
    for name, table in (
        ("logs", _LOGS if logs else None),
        ("metrics", _METRICS if metrics else None),
    ):
        if table is not None:
            where = table.c.execution_id == execution_id
            found[name] = tx.execute(delete(table).where(where)).rowcount
    return found


def _within(columns: Any, moment: Any, wanted: Any) -> list[ColumnElement[bool]]:
    """Conditions on namespace (a tree, unless a flow is named), flow and time."""
    found: list[ColumnElement[bool]] = []
    if wanted.namespace and wanted.flow_id:
        found.append(columns.namespace == wanted.namespace)
    elif wanted.namespace:
        found.append(below(columns.namespace, wanted.namespace))
    if wanted.flow_id:
        found.append(columns.flow_id == wanted.flow_id)
    if wanted.start is not None:
        found.append(moment >= wanted.start)
    if wanted.end is not None:
        found.append(moment <= wanted.end)
    return found


def selected(tx: Session, wanted: Any, after: str, limit: int) -> list[tuple[str, str, str]]:
    """(namespace, flow, id) of done executions that a `plugin.services.Selection` names, by id."""
    columns = executions.c
    where = [_IS_DONE, columns.id > after]
    where += _within(columns, columns.created_at, wanted)
    if wanted.states:
        where.append(columns.state.in_(list(wanted.states)))
    statement = select(columns.namespace, columns.flow_id, columns.id).where(*where)
    found = tx.execute(statement.order_by(columns.id).limit(limit))
    return [(row.namespace, row.flow_id, row.id) for row in found]


def logs_of(tx: Session, wanted: Any) -> int:
    """Removes the lines that a `plugin.services.Selection` names; how many there were."""
    where = _within(logs.c, logs.c.at, wanted)
    if wanted.execution_id:
        where.append(logs.c.execution_id == wanted.execution_id)
    if wanted.levels:
        where.append(logs.c.level.in_([LEVELS.index(name) for name in wanted.levels]))
    return tx.execute(delete(logs).where(*where)).rowcount


def ended_before(tx: Session, before: datetime, limit: int) -> list[tuple[str, str, str]]:
    """(namespace, flow, id) of done executions from before a moment, the oldest first."""
    where = _IS_DONE & (executions.c.created_at < before)
    columns = (executions.c.namespace, executions.c.flow_id, executions.c.id)
    found = tx.execute(select(*columns).where(where).order_by(executions.c.created_at).limit(limit))
    return [(row.namespace, row.flow_id, row.id) for row in found]
