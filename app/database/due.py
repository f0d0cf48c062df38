"""What recovery looks for: leases that are over, jobs that nobody claimed, stranded executions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema import executions, task_runs, timers
from app.database.session import Session
from app.model.state import CLAIMABLE, Gate, State

T = task_runs.c
_CLAIMABLE = [state.value for state in CLAIMABLE]


def leases(tx: Session, now: ColumnElement[Any], limit: int) -> Sequence[Row[Any]]:
    """Leased task runs, and whether the lease lies before the database's own time; oldest first."""
    where = and_(T.lease_until.is_not(None), T.state == State.RUNNING)
    columns: tuple[Any, ...] = (T.id, T.execution_id, T.attempt, T.owner, T.lease_until)
    columns += ((T.lease_until < now).label("is_expired"),)
    return tx.execute(select(*columns).where(where).order_by(T.lease_until).limit(limit)).all()


def unclaimed(
    tx: Session, now: datetime, latest: datetime, incarnation: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Claimable runs whose publishing is due again, or was lost with the broker's data.

    So is one that is due after `latest`: a clock has stepped back since it was written.
    """
    stale = [T.publish_due <= now, T.publish_due > latest]
    if incarnation is not None:
        stale.append(or_(T.incarnation != incarnation, T.incarnation.is_(None)))
    where = and_(T.publish_due.is_not(None), or_(*stale), T.state.in_(_CLAIMABLE))
    columns: tuple[Any, ...] = (
        T.id,
        T.execution_id,
        T.attempt,
        T.publish_due,
        T.queue,
        T.incarnation,
    )
    return tx.execute(select(*columns).where(where).order_by(T.publish_due).limit(limit)).all()


def claimable_by_queue(tx: Session) -> dict[str, int]:
    """How many published runs wait for a worker, by queue."""
    where = and_(T.publish_due.is_not(None), T.state.in_(_CLAIMABLE))
    statement = select(T.queue, func.count()).where(where).group_by(T.queue)
    return {row[0]: row[1] for row in tx.execute(statement)}


def count_stranded(tx: Session) -> int:
    """Live executions without a claimable, leased, paused or waiting run, and without a timer."""
    moving = and_(
        T.execution_id == executions.c.id,
        ~T.gone,
        or_(
            T.publish_due.is_not(None),
            T.lease_until.is_not(None),
            T.state.in_([State.PAUSED, State.RETRYING]),
            and_(T.state == State.RUNNING, T.owner.is_(None), T.phase.is_(None)),
        ),
    )
    timed = timers.c.execution_id == executions.c.id
    live = executions.c.gate.in_([Gate.OPEN, Gate.KILLING, Gate.AFTER])
    where = and_(live, ~exists().where(moving), ~exists().where(timed))
    return int(tx.execute(select(func.count()).select_from(executions).where(where)).scalar_one())
