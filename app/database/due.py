"""What recovery looks for: leases that are over, jobs that nobody claimed, stranded executions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql import Select
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema import executions, task_runs, timers
from app.database.session import Session
from app.database.types import DatabaseNow, Moment
from app.model.state import CLAIMABLE, Gate, State

T = task_runs.c
_CLAIMABLE = [state.value for state in CLAIMABLE]
_NOW = func.coalesce(bindparam("at", type_=Moment()), DatabaseNow())
_LEASED: Select[Any] = (
    select(
        *(T.id, T.execution_id, T.attempt, T.owner, T.lease_until),
        (T.lease_until < _NOW).label("is_expired"),
    )
    .where(T.lease_until.is_not(None), T.state == State.RUNNING.value)
    .order_by(T.lease_until)
    .limit(bindparam("limit", type_=Integer()))
)
_IS_PUBLISHED = and_(T.publish_due.is_not(None), T.state.in_(_CLAIMABLE))
_BY_MESSAGE: Select[Any] = (
    select(T.id, T.execution_id, T.attempt, T.publish_due, T.queue, T.incarnation)
    .where(_IS_PUBLISHED)
    .order_by(T.publish_due, T.execution_id)
)
_IS_STALE = or_(T.publish_due <= bindparam("now"), T.publish_due > bindparam("latest"))
_IS_OF_ANOTHER_LIFE = or_(T.incarnation != bindparam("incarnation"), T.incarnation.is_(None))
_ANY_STALE = select(exists().where(_IS_PUBLISHED, _IS_STALE))
_ANY_UNCLAIMED = select(exists().where(_IS_PUBLISHED, or_(_IS_STALE, _IS_OF_ANOTHER_LIFE)))


def leases(tx: Session, at: datetime | None, limit: int) -> Sequence[Row[Any]]:
    """Leased task runs, and whether the lease lies before `at`, or the database's own time; oldest
    first."""
    return tx.execute(_LEASED, {"at": at, "limit": limit}).all()


_LEFT = select(
    func.max(type_coerce(T.lease_until, BigInteger)) - type_coerce(_NOW, BigInteger)
).where(
    T.execution_id == bindparam("execution"),
    T.state == State.RUNNING.value,
    T.lease_until.is_not(None),
)


def lease_left(tx: Session, execution_id: str, at: datetime | None) -> timedelta:
    """How long the last lease in an execution lasts from `at`, or from the database's own time, on;
    zero when none does."""
    left = tx.execute(_LEFT, {"execution": execution_id, "at": at}).scalar()
    return max(timedelta(0), timedelta(microseconds=int(left or 0)))


def is_any_unclaimed(tx: Session, now: datetime, latest: datetime, incarnation: str | None) -> bool:
    """Whether `unclaimed` or `of_another_life` would find a run."""
    values = {"now": now, "latest": latest}
    if incarnation is None:
        return bool(tx.execute(_ANY_STALE, values).scalar())
    return bool(tx.execute(_ANY_UNCLAIMED, {**values, "incarnation": incarnation}).scalar())


def unclaimed(
    tx: Session, queue: str, now: datetime, latest: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Claimable runs of a queue whose publishing is due again, those of a message together.

    So is one that is due after `latest`: a clock has stepped back since it was written.
    """
    statement = _BY_MESSAGE.where(T.queue == queue, _IS_STALE).limit(limit)
    return tx.execute(statement, {"now": now, "latest": latest}).all()


def of_another_life(tx: Session, incarnation: str | None, limit: int) -> Sequence[Row[Any]]:
    """Claimable runs whose messages were lost with the broker's data, of whatever queue."""
    if incarnation is None:
        return []
    statement = _BY_MESSAGE.where(_IS_OF_ANOTHER_LIFE).limit(limit)
    return tx.execute(statement, {"incarnation": incarnation}).all()


def messages_by_queue(tx: Session, batched: str, together: int) -> dict[str, int]:
    """How many messages the published runs that wait for a worker went out in, by queue.

    A run is a message, but in the queue `batched`: there up to `together` runs of an execution,
    published at one moment, share one.
    """
    group = (T.queue, T.execution_id, T.publish_due)
    found = select(T.queue, func.count().label("runs")).where(_IS_PUBLISHED).group_by(*group)
    groups = found.subquery().c
    batches = (groups.runs + (together - 1)) // together
    messages = case((groups.queue == batched, batches), else_=groups.runs)
    statement = select(groups.queue, func.sum(messages)).group_by(groups.queue)
    return {row[0]: int(row[1]) for row in tx.execute(statement)}


def claimable_by_queue(tx: Session) -> dict[str, int]:
    """How many published runs wait for a worker, by queue."""
    statement = select(T.queue, func.count()).where(_IS_PUBLISHED).group_by(T.queue)
    return {row[0]: row[1] for row in tx.execute(statement)}


def count_stranded(tx: Session) -> int:
    """Live ones without a claimable, leased or paused run, a timer, or a child to hear of."""
    found = select(func.count()).select_from(executions).where(_is_stranded())
    return int(tx.execute(found).scalar_one())


def stranded(tx: Session, limit: int) -> Sequence[str]:
    """The ids of some of them, the oldest first."""
    found = select(executions.c.id).where(_is_stranded()).order_by(executions.c.created_at)
    return tx.execute(found.limit(limit)).scalars().all()


def _is_stranded() -> ColumnElement[bool]:
    moving = and_(
        T.execution_id == executions.c.id,
        ~T.gone,
        or_(
            T.publish_due.is_not(None),
            T.lease_until.is_not(None),
            T.state.in_([State.PAUSED, State.RETRYING]),
        ),
    )
    timed = timers.c.execution_id == executions.c.id
    child = executions.alias()
    told = and_(timers.c.kind == "ended", timers.c.target == child.c.id)
    called = and_(
        child.c.caller_id == executions.c.id,
        or_(child.c.gate != Gate.ENDED, exists().where(told)),
    )
    live = executions.c.gate.in_([Gate.OPEN, Gate.KILLING, Gate.AFTER])
    return and_(live, ~exists().where(moving), ~exists().where(timed), ~exists().where(called))
