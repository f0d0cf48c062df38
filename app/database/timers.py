"""Rows of timers: what is due when, and the engine's notes from one execution to another."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Delete, Integer, Row, bindparam, delete, select, update

from app.database.batch import insert_later
from app.database.schema import timers
from app.database.session import Session
from app.model.ids import new_id

C = timers.c
_AT_PLACE = select(C.id).where(
    C.kind == bindparam("kind"), C.target == bindparam("target"), C.guard == bindparam("guard")
)
_FIND = select(timers).where(C.id == bindparam("id"))
_TAKE = delete(timers).where(C.id == bindparam("id"))
_DUE = (
    select(timers)
    .where(C.due <= bindparam("now"))
    .order_by(C.due)
    .limit(bindparam("limit", type_=Integer()))
)


def add(
    tx: Session,
    kind: str,
    target: str,
    guard: int,
    due: datetime,
    *,
    execution_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> str:
    """A new timer; gives its id. The caller knows that none of (kind, target, guard) exists."""
    timer_id = new_id()
    values = {
        "id": timer_id,
        "execution_id": execution_id,
        "kind": kind,
        "target": target,
        "guard": guard,
        "due": due,
        "data": dict(data) if data is not None else None,
        "failures": 0,
    }
    insert_later(tx, timers, values)
    return timer_id


def exists(tx: Session, kind: str, target: str, guard: int) -> bool:
    """Whether there is such a timer."""
    place = {"kind": kind, "target": target, "guard": guard}
    return tx.execute(_AT_PLACE, place).first() is not None


def take(tx: Session, timer_id: str) -> bool:
    """Deletes a timer; False when somebody else did."""
    return tx.execute(_TAKE, {"id": timer_id}).rowcount == 1


def find(tx: Session, timer_id: str) -> Row[Any] | None:
    """One timer."""
    return tx.execute(_FIND, {"id": timer_id}).first()


def list_due(tx: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The timers that are due, the oldest first."""
    return tx.execute(_DUE, {"now": now, "limit": limit}).all()


def next_due(tx: Session) -> datetime | None:
    """When the first timer is due."""
    return tx.execute(select(C.due).order_by(C.due).limit(1)).scalar()


def drop(
    tx: Session,
    *,
    execution_id: str | None = None,
    target: str | None = None,
    kind: str | None = None,
) -> None:
    """Deletes the timers of an execution, of one target, of one kind; `ended` notes stay."""
    given = {"execution_id": execution_id, "target": target, "kind": kind}
    wanted = {name: value for name, value in given.items() if value is not None}
    tx.execute(_drop_by(tuple(wanted)), wanted)


@cache
def _drop_by(names: tuple[str, ...]) -> Delete:
    here = [C[name] == bindparam(name) for name in names]
    return delete(timers).where(C.kind != "ended", *here)


def move(tx: Session, timer_id: str, due: datetime) -> None:
    """Makes a timer due at another time."""
    tx.execute(update(timers).where(C.id == timer_id).values(due=due))


def put_off(tx: Session, timer_id: str, now: datetime, failures: int) -> None:
    """A timer that could not be worked off comes again, later each time (at most 5 minutes)."""
    pause = timedelta(seconds=min(300, 2 ** min(failures, 9)))
    values = {"due": now + pause, "failures": failures}
    tx.execute(update(timers).where(C.id == timer_id).values(values))
