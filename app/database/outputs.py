"""Reading what task runs gave: outputs by task, states of retried runs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, or_, select

from app.database.schema import task_runs
from app.database.session import Session

T = task_runs.c
_HAS_GIVEN = or_(T.outputs.is_not(None), T.outputs_uri.is_not(None), T.ended_at.is_not(None))


def outputs_of(tx: Session, execution_id: str, task_id: str) -> Sequence[Row[Any]]:
    """Path and outputs of every run of a task that has ended or has outputs."""
    where = and_(
        T.execution_id == execution_id,
        T.task_id == task_id,
        ~T.gone,
        _HAS_GIVEN,
    )
    columns: tuple[Any, ...] = (T.id, T.path, T.outputs, T.outputs_uri, T.value)
    return tx.execute(select(*columns).where(where).order_by(T.created_at)).all()


def tasks_with_outputs(tx: Session, execution_id: str) -> list[str]:
    """Ids of the tasks that have ended or have outputs."""
    where = and_(T.execution_id == execution_id, ~T.gone, T.task_id != "", _HAS_GIVEN)
    return list(tx.execute(select(T.task_id).where(where).distinct()).scalars())


def states_of(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """Task id, path and state of every run, in order."""
    where = and_(T.execution_id == execution_id, ~T.gone, T.task_id != "")
    columns: tuple[Any, ...] = (T.task_id, T.path, T.state)
    return tx.execute(select(*columns).where(where).order_by(T.created_at)).all()


def first_failed(tx: Session, execution_id: str) -> Row[Any] | None:
    """Id and task id of the task run that failed first; flowables fail because of others."""
    where = and_(T.execution_id == execution_id, T.state == "FAILED", T.phase.is_(None), ~T.gone)
    columns: tuple[Any, ...] = (T.id, T.task_id)
    return tx.execute(select(*columns).where(where).order_by(T.ended_at).limit(1)).first()


def retried_states(tx: Session, execution_id: str) -> list[str]:
    """The states of task runs that were tried more than once."""
    where = and_(T.execution_id == execution_id, T.tries > 1, ~T.gone)
    return list(tx.execute(select(T.state).where(where)).scalars())
