"""What recovery looks for: leases that are over, jobs that nobody claimed, stranded executions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, exists, false, func, or_, select
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


_PUBLISHED: tuple[Any, ...] = (
    T.id,
    T.execution_id,
    T.attempt,
    T.publish_due,
    T.queue,
    T.incarnation,
)


def is_any_unclaimed(tx: Session, now: datetime, latest: datetime, incarnation: str | None) -> bool:
    """Whether `unclaimed` or `of_another_life` would find a run."""
    where = and_(_published(), or_(_is_stale(now, latest), _is_of_another_life(incarnation)))
    return bool(tx.execute(select(exists().where(where))).scalar())


def unclaimed(
    tx: Session, queue: str, now: datetime, latest: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Claimable runs of a queue whose publishing is due again, those of a message together.

    So is one that is due after `latest`: a clock has stepped back since it was written.
    """
    where = and_(_published(), T.queue == queue, _is_stale(now, latest))
    order = (T.publish_due, T.execution_id)
    return tx.execute(select(*_PUBLISHED).where(where).order_by(*order).limit(limit)).all()


def of_another_life(tx: Session, incarnation: str | None, limit: int) -> Sequence[Row[Any]]:
    """Claimable runs whose messages were lost with the broker's data, of whatever queue."""
    where = and_(_published(), _is_of_another_life(incarnation))
    order = (T.publish_due, T.execution_id)
    return tx.execute(select(*_PUBLISHED).where(where).order_by(*order).limit(limit)).all()


def _published() -> ColumnElement[bool]:
    return and_(T.publish_due.is_not(None), T.state.in_(_CLAIMABLE))


def _is_stale(now: datetime, latest: datetime) -> ColumnElement[bool]:
    return or_(T.publish_due <= now, T.publish_due > latest)


def _is_of_another_life(incarnation: str | None) -> ColumnElement[bool]:
    if incarnation is None:
        return false()
    return or_(T.incarnation != incarnation, T.incarnation.is_(None))


def messages_by_queue(tx: Session, batched: str, together: int) -> dict[str, int]:
    """How many messages the published runs that wait for a worker went out in, by queue.

    A run is a message, but in the queue `batched`: there up to `together` runs of an execution,
    published at one moment, share one.
    """
    group = (T.queue, T.execution_id, T.publish_due)
    found = select(T.queue, func.count().label("runs")).where(_published()).group_by(*group)
    groups = found.subquery().c
    batches = (groups.runs + (together - 1)) // together
    messages = case((groups.queue == batched, batches), else_=groups.runs)
    statement = select(groups.queue, func.sum(messages)).group_by(groups.queue)
    return {row[0]: int(row[1]) for row in tx.execute(statement)}


def claimable_by_queue(tx: Session) -> dict[str, int]:
    """How many published runs wait for a worker, by queue."""
    statement = select(T.queue, func.count()).where(_published()).group_by(T.queue)
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
