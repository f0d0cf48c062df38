"""What lists show beside each flow: its last runs, whether it has been failing, since when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.database.logs import LEVELS
from app.database.schema import executions, logs
from app.database.session import Session

E, L = executions.c, logs.c
GOOD = ("SUCCESS", "WARNING")


def last_runs(tx: Session, namespace: str, flow_id: str, most: int) -> Sequence[Row[Any]]:
    """(id, state, created_at, duration_us) of a flow's newest executions, the newest first."""
    columns: list[Any] = [E.id, E.state, E.created_at, E.duration_us]
    where = (E.namespace == namespace, E.flow_id == flow_id, E.kind == "NORMAL")
    order = (E.created_at.desc(), E.id.desc())
    return tx.execute(select(*columns).where(*where).order_by(*order).limit(most)).all()


def failed_flows(
    tx: Session, conditions: Sequence[ColumnElement[bool]], most: int
) -> list[tuple[str, str]]:
    """The flows with a failed execution among those that fit, the latest failure first."""
    last = func.max(E.created_at)
    statement = select(E.namespace, E.flow_id).where(E.state == "FAILED", *conditions)
    statement = statement.group_by(E.namespace, E.flow_id).order_by(last.desc()).limit(most)
    return [(row[0], row[1]) for row in tx.execute(statement)]


def last_ended(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """The newest execution of a flow that has ended."""
    where = (E.namespace == namespace, E.flow_id == flow_id, E.kind == "NORMAL")
    statement = select(executions).where(*where, E.ended_at.is_not(None))
    return tx.execute(statement.order_by(E.created_at.desc(), E.id.desc()).limit(1)).first()


def failing_since(tx: Session, namespace: str, flow_id: str) -> tuple[datetime | None, int]:
    """When the first failure after the last good end began, and how many there have been."""
    where = [E.namespace == namespace, E.flow_id == flow_id, E.kind == "NORMAL"]
    good = select(func.max(E.created_at)).where(*where, E.state.in_(GOOD))
    last = tx.execute(good).scalar()
    where += [E.created_at > last] if last is not None else []
    found = select(func.min(E.created_at), func.count()).where(*where, E.state == "FAILED")
    first, count = tx.execute(found).one()
    return first, int(count)


def last_error(tx: Session, execution_id: str) -> Row[Any] | None:
    """(task_id, message) of the last line of an execution at level ERROR."""
    error = LEVELS.index("ERROR")
    columns: list[Any] = [L.task_id, L.message]
    statement = select(*columns).where(L.execution_id == execution_id, L.level >= error)
    return tx.execute(statement.order_by(L.at.desc(), L.n.desc()).limit(1)).first()


def states(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    """How many executions fit, by state."""
    statement = select(E.state, func.count()).where(*conditions).group_by(E.state)
    return {state: int(count) for state, count in tx.execute(statement)}
